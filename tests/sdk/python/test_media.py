"""Media: the resource, and the bytes behind it."""

import base64

import pytest
from world import MARIA, NUMBER, read, refused

judges = pytest.mark.judges
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


def mms(world, receiver, count=1):
    urls = [receiver.serve(f"/{n}.png", "image/png", PNG + bytes([n])) for n in range(count)]
    sent = world.client.messages.create(to=MARIA, from_=NUMBER, body="Look", media_url=urls)
    world.advance(60)
    return sent


def fetched(world, sid, media):
    """The bytes, once they were fetched from where the message said."""
    url = f"{world.base}/api/2010-04-01/Accounts/{world.account}/Messages/{sid}/Media/{media}"
    for _ in range(100):
        answer = read(url, world.account, world.token)
        if answer[0] == 200:
            return answer
        world.advance(0)
    return answer


@judges("media", "good")
def test_what_is_sent_is_kept_with_its_bytes(world, receiver):
    sent = mms(world, receiver)
    assert (sent.num_media, sent.num_segments) == ("1", "1") and sent.sid.startswith("MM")
    (media,) = world.client.messages(sent.sid).media.list()
    one = world.client.messages(sent.sid).media(media.sid).fetch()
    assert (one.content_type, one.parent_sid, one.account_sid) == ("image/png", sent.sid, world.account)
    assert one.uri == f"/2010-04-01/Accounts/{world.account}/Messages/{sent.sid}/Media/{media.sid}.json"
    assert fetched(world, sent.sid, media.sid) == (200, "image/png", PNG + b"\0")
    (text,) = world.phone(MARIA)
    assert [item["contentType"] for item in text["media"]] == ["image/png"]


@judges("media", "good")
def test_what_is_received_is_kept_with_its_bytes(world, receiver, signed):
    world.configure(sms_url=receiver.url("/sms"))
    item = {"contentType": "image/png", "base64": base64.b64encode(PNG).decode()}
    world.text(MARIA, NUMBER, "My tooth", media=[item])
    (hook,) = receiver.take("/sms")
    assert signed(hook) and hook.params["NumMedia"] == "1" and hook.params["MediaContentType0"] == "image/png"
    assert hook.params["MessageSid"].startswith("MM")
    url = hook.params["MediaUrl0"]
    assert "/Media/ME" in url and not url.endswith(".json")
    assert read(url, world.account, world.token) == (200, "image/png", PNG)
    assert read(url)[0] == 401


@judges("media", "paging")
def test_pages(world, receiver):
    sent = mms(world, receiver, 7)
    page = world.client.messages(sent.sid).media.page(page_size=3)
    read = [[media.sid for media in page]]
    while page.next_page_url:
        page = page.next_page()
        read.append([media.sid for media in page])
    assert [len(page) for page in read] == [3, 3, 1] and len({sid for page in read for sid in page}) == 7
    today = page.next_page_url
    assert today is None and len(world.client.messages(sent.sid).media.list(page_size=2)) == 7


@judges("media", "good")
def test_list_by_date(world, receiver):
    sent = mms(world, receiver)
    created = world.client.messages(sent.sid).media.list()[0].date_created
    media = world.client.messages(sent.sid).media
    from datetime import timedelta

    assert len(media.list(date_created=created)) == 1
    assert len(media.list(date_created_before=created - timedelta(days=1))) == 0
    assert len(media.list(date_created_after=created + timedelta(days=1))) == 0


@judges("media", "good")
def test_delete(world, receiver):
    sent = mms(world, receiver, 2)
    first, second = world.client.messages(sent.sid).media.list()
    assert world.client.messages(sent.sid).media(first.sid).delete() is True
    assert [media.sid for media in world.client.messages(sent.sid).media.list()] == [second.sid]
    assert refused(lambda: world.client.messages(sent.sid).media(first.sid).fetch()).code == 20404
    assert world.client.messages(sent.sid).delete() is True
    assert refused(lambda: world.client.messages(sent.sid).media(second.sid).fetch()).code == 20404
