"""Content templates: made, listed, approved by WhatsApp, deleted."""

import pytest
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList
from world import ABSENT, refused

judges = pytest.mark.judges


def made(world, name="greeting"):
    text = {"friendly_name": name, "language": "en", "variables": {"1": "Ana"}, "types": {"twilio/text": {"body": "Hi {{1}}"}}}
    return world.client.content.v1.contents.create(ContentList.ContentCreateRequest(text))


@judges("contents", "good")
def test_contents(world):
    content = made(world)
    again = world.client.content.v1.contents(content.sid).fetch()
    assert (again.friendly_name, again.language, again.variables) == ("greeting", "en", {"1": "Ana"})
    assert again.types["twilio/text"]["body"] == "Hi {{1}}"
    asked = ApprovalCreateList.ContentApprovalRequest({"name": "greeting", "category": "UTILITY"})
    world.client.content.v1.contents(content.sid).approval_create.create(asked)
    assert world.client.content.v1.contents(content.sid).approval_fetch().fetch().whatsapp["status"] == "pending"
    assert world.client.content.v1.contents(content.sid).delete()
    assert refused(world.client.content.v1.contents(content.sid).fetch).status == 404


@judges("contents", "refused")
def test_a_content_that_is_not_there(world):
    assert refused(world.client.content.v1.contents("HX" + ABSENT).fetch).status == 404


@judges("contents", "paging")
def test_contents_in_pages(world):
    for n in range(3):
        made(world, f"greeting_{n}")
    whole = [one.sid for one in world.client.content.v1.contents.list()]
    page = world.client.content.v1.contents.page(page_size=2)
    read = [one.sid for one in page]
    while page.next_page_url:
        page = page.next_page()
        read += [one.sid for one in page]
    assert read == whole and len(read) >= 3
