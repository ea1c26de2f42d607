"""Messages: created in every way, listed, redacted, cancelled, deleted; what becomes of them by the clock."""

from datetime import date, datetime, timedelta, timezone

import pytest
from receiver import statuses
from twilio.base.exceptions import TwilioException
from world import KIM, LEE, MARIA, NUMBER, SPARE, refused

judges = pytest.mark.judges


@judges("messages", "good")
def test_create(world):
    sent = world.send(body="Your table is ready")
    assert (sent.status, sent.direction, sent.api_version) == ("queued", "outbound-api", "2010-04-01")
    assert (sent.from_, sent.to, sent.body) == (NUMBER, MARIA, "Your table is ready")
    assert (sent.num_segments, sent.num_media, sent.account_sid) == ("1", "0", world.account)
    assert sent.price is None and sent.date_sent is None and sent.error_code is None
    assert sent.date_created == sent.date_updated == world_time(world)
    assert sent.uri == f"/2010-04-01/Accounts/{world.account}/Messages/{sent.sid}.json"
    assert sent.sid.startswith("SM") and len(sent.sid) == 34


def world_time(world):
    text = world.control("GET", "state")["now"][:19]
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)


@judges("messages", "good")
def test_create_with_every_parameter(world, receiver):
    service = world.service(NUMBER)
    sent = world.client.messages.create(
        to=MARIA, messaging_service_sid=service.sid, body="Hi", status_callback=receiver.url("/status"),
        media_url=[receiver.serve("/a.png", "image/png", b"png"), receiver.serve("/b.gif", "image/gif", b"gif")],
        provide_feedback=True, attempt=1, validity_period=600, force_delivery=False, content_retention="retain",
        address_retention="retain", smart_encoded=True, persistent_action=[], traffic_type="free",
        shorten_urls=False, send_as_mms=True, risk_check="disable", max_price="0.05",
    )
    assert (sent.status, sent.num_media, sent.messaging_service_sid) == ("accepted", "2", service.sid)
    assert sent.sid.startswith("MM")


@judges("messages", "good")
def test_fetch_with_the_headers_of_twilio(world):
    sent = world.client.messages.create_with_http_info(to=MARIA, from_=NUMBER, body="Hi")
    assert sent.status_code == 201
    headers = {name.lower(): value for name, value in sent.headers.items()}
    assert headers["twilio-request-id"] == "RQ" + sent.data.sid[2:]
    assert headers["x-home-region"] == "us1" and headers["x-api-domain"] == "api.twilio.com"
    assert int(headers["twilio-concurrent-requests"]) >= 1 and float(headers["twilio-request-duration"]) >= 0
    assert world.client.messages(sent.data.sid).fetch().body == "Hi"


@judges("messages", "good")
@pytest.mark.parametrize(
    "body, smart, parts",
    [
        ("a" * 160, False, "1"), ("a" * 161, False, "2"), ("a" * 306, False, "2"), ("a" * 307, False, "3"),
        ("{" * 80, False, "1"), ("{" * 81, False, "2"), (("a" * 152 + "{") * 2, False, "3"),
        ("ж" * 70, False, "1"), ("ж" * 71, False, "2"), ("ж" * 134, False, "2"), ("ж" * 135, False, "3"),
        ("😜" * 35, False, "1"), ("😜" * 36, False, "2"), ("a" * 1600, False, "11"),
        ("ж" * 66 + "😜" + "ж" * 66, False, "3"), ("’" * 71, False, "2"), ("’" * 71, True, "1"),
    ],
)
def test_segments(world, body, smart, parts):
    sent = world.send(body=body, smart_encoded=smart)
    assert sent.num_segments == parts
    assert sent.body == (body.replace("’", "'") if smart else body)


@judges("messages", "good")
def test_list_by_every_filter(world):
    first = world.send(to=MARIA)
    other = world.send(to=KIM, from_=SPARE)
    world.advance(3)
    today = world_time(world)
    world.advance(3 * 86_400)
    late = world.send(to=KIM)
    world.advance(3)
    sids = lambda **filters: [message.sid for message in world.client.messages.list(**filters)]
    assert sids() == [late.sid, other.sid, first.sid]
    assert sids(to=KIM) == [late.sid, other.sid]
    assert sids(from_=SPARE) == [other.sid]
    assert sids(to=KIM, from_=NUMBER) == [late.sid]
    assert sids(date_sent=today) == [other.sid, first.sid] == sids(date_sent_before=today + timedelta(minutes=5))
    assert sids(date_sent_after=today + timedelta(days=2)) == [late.sid]
    assert sids(date_sent=date(2001, 1, 1)) == []


@judges("messages", "paging")
def test_pages_forward_and_back(world):
    sent = [world.send(body=str(n)).sid for n in range(7)][::-1]
    pages = [world.client.messages.page(page_size=3)]
    while pages[-1].next_page_url:
        pages.append(pages[-1].next_page())
        # What comes in meanwhile shifts nothing.
        world.send(body="meanwhile")
    read = [[message.sid for message in page] for page in pages]
    assert read == [sent[:3], sent[3:6], sent[6:]]
    back = pages[2].previous_page()
    assert [message.sid for message in back] == sent[3:6]
    by_url = world.client.messages.get_page(pages[0].next_page_url)
    assert [message.sid for message in by_url] == sent[3:6]


@judges("messages", "paging")
def test_streams_across_pages_with_filters_in_the_links(world):
    for n in range(5):
        world.send(to=MARIA, body=str(n))
        world.send(to=KIM, body=str(n))
    read = list(world.client.messages.stream(to=MARIA, page_size=2))
    assert [message.body for message in read] == ["4", "3", "2", "1", "0"] and {m.to for m in read} == {MARIA}
    assert len(world.client.messages.list(limit=3, page_size=2)) == 3
    assert [message.body for message in world.client.messages.page(to=LEE)] == []


@judges("messages", "refused")
@pytest.mark.parametrize(
    "query, status, code, words",
    [
        ({"PageSize": 1001}, 400, 20007, "Page size must be between 1 and 1000"),
        ({"PageSize": "many"}, 400, 20001, "Invalid PageSize"),
        ({"PageToken": "PAnowhere"}, 400, 21481, "Invalid PageToken"),
        ({"DateSent": "soon"}, 400, 20001, "Invalid DateSent: give a date such as 2026-03-02"),
    ],
)
def test_a_page_that_there_is_not(world, query, status, code, words):
    answer = world.client.request("GET", world.path("Messages"), params=query)
    body = answer.text
    assert answer.status_code == status and f'"code":{code}' in body and words in body
    with pytest.raises(TwilioException, match="Unable to fetch page"):
        world.client.messages.get_page(world.path("Messages") + "?PageToken=PAnowhere")


@judges("messages", "refused")
@pytest.mark.parametrize(
    "method, tail, data, status, code, words",
    [
        ("POST", "Messages", {"From": NUMBER, "Body": "x"}, 400, 21604, "A 'To' phone number is required."),
        ("DELETE", "Messages", None, 405, 20004, "Method not allowed"),
        ("PUT", "Messages", {}, 405, 20004, "Method not allowed"),
        ("GET", "messages", None, 404, 20404, "was not found"),
    ],
)
def test_what_the_sdk_itself_never_asks(world, method, tail, data, status, code, words):
    answer = world.client.request(method, world.path(tail), data=data)
    assert answer.status_code == status and f'"code":{code}' in answer.text and words in answer.text


@judges("messages", "lifecycle")
def test_delivered_with_dates_and_price_filled_in_later(world):
    sent = world.send(body="a" * 200)
    told = [sent]
    for _ in range(40):
        world.advance(0.1)
        now = world.client.messages(sent.sid).fetch()
        if now.status != told[-1].status:
            told.append(now)
    assert [message.status for message in told] == ["queued", "sent", "delivered"]
    assert told[0].price is None and told[0].date_sent is None
    assert told[2].price is None
    priced = world.client.messages(sent.sid).fetch()
    assert (priced.price, priced.price_unit, priced.date_updated) == ("-0.01660", "USD", told[2].date_updated)
    assert told[2].date_sent >= told[2].date_created and told[2].date_updated >= told[2].date_sent
    assert [text["body"] for text in world.phone(MARIA)] == ["a" * 200]


@judges("messages", "lifecycle")
@pytest.mark.parametrize(
    "outcome, code, way, words, priced",
    [
        ("undelivered", 30005, ["sent", "undelivered"], "Unknown destination handset", True),
        ("undelivered", None, ["sent", "undelivered"], "Unreachable destination handset", True),
        ("failed", 30007, ["failed"], "Message filtered", False),
        ("failed", None, ["failed"], "Unknown error", False),
        ("stuck", None, ["sent"], None, True),
    ],
)
def test_ends_as_the_handset_was_told(world, receiver, signed, outcome, code, way, words, priced):
    world.outcome(MARIA, outcome, code, 1)
    sent = world.send(status_callback=receiver.url("/status"))
    world.advance(60)
    hooks = receiver.take("/status")
    assert statuses(hooks) == way and all(signed(hook) for hook in hooks)
    now = world.client.messages(sent.sid).fetch()
    assert now.status == way[-1] and now.error_message == words and (now.price is not None) == priced
    if words:
        assert hooks[-1].params["ErrorCode"] == str(now.error_code) and (code is None or code == now.error_code)
    else:
        assert now.error_code is None
    again = world.send()
    world.advance(60)
    assert world.client.messages(again.sid).fetch().status == "delivered"


@judges("messages", "lifecycle")
def test_scheduled_is_sent_at_its_time(world, receiver, signed):
    service = world.service(NUMBER)
    at = world_time(world) + timedelta(hours=2)
    sent = world.send(
        messaging_service_sid=service.sid, schedule_type="fixed", send_at=at, status_callback=receiver.url("/status")
    )
    assert (sent.status, sent.num_segments, sent.date_sent, sent.from_) == ("scheduled", "0", None, None)
    world.advance(7_000)
    assert world.client.messages(sent.sid).fetch().status == "scheduled" and receiver.take() == []
    world.advance(260)
    done = world.client.messages(sent.sid).fetch()
    assert (done.status, done.from_) == ("delivered", NUMBER) and done.date_sent >= at
    hooks = receiver.take("/status")
    assert statuses(hooks) == ["queued", "sent", "delivered"] and all(signed(hook) for hook in hooks)


@judges("messages", "lifecycle")
def test_cancel(world, receiver, signed):
    service = world.service(NUMBER)
    at = world_time(world) + timedelta(hours=1)
    sent = world.send(
        messaging_service_sid=service.sid, schedule_type="fixed", send_at=at, status_callback=receiver.url("/status")
    )
    assert world.client.messages(sent.sid).update(status="canceled").status == "canceled"
    world.advance(7_200)
    hooks = receiver.take("/status")
    assert statuses(hooks) == ["canceled"] and signed(hooks[0])
    done = world.client.messages(sent.sid).fetch()
    assert (done.status, done.price, done.date_sent) == ("canceled", None, None) and world.phone(MARIA) == []
    assert refused(lambda: world.client.messages(sent.sid).update(status="canceled")).code == 30409


@judges("messages", "good")
def test_redact(world):
    sent = world.send(body="My card is 4111")
    world.advance(60)
    assert world.client.messages(sent.sid).update(body="").body == ""
    redacted = world.client.messages(sent.sid).fetch()
    assert (redacted.body, redacted.status) == ("", "delivered")


@judges("messages", "good")
def test_delete(world):
    sent = world.send()
    world.advance(60)
    assert world.client.messages(sent.sid).delete() is True
    assert refused(lambda: world.client.messages(sent.sid).fetch()).code == 20404
    assert world.client.messages.list() == []


@judges("feedback", "good")
@pytest.mark.parametrize("outcome", ["confirmed", "unconfirmed"])
def test_feedback(world, outcome):
    sent = world.send(provide_feedback=True)
    told = world.client.messages(sent.sid).feedback.create(outcome=outcome)
    assert (told.message_sid, told.outcome, told.account_sid) == (sent.sid, outcome, world.account)
    assert told.uri == f"/2010-04-01/Accounts/{world.account}/Messages/{sent.sid}/Feedback.json"


@judges("messages", "lifecycle")
def test_discarded_content_is_gone_once_sent(world):
    sent = world.send(body="4321 is your code", content_retention="discard")
    world.advance(60)
    assert world.client.messages(sent.sid).fetch().body == ""
    assert [text["body"] for text in world.phone(MARIA)] == ["4321 is your code"]


@judges("whatsapp", "lifecycle")
def test_whatsapp_within_and_without_the_window(world, receiver, signed):
    to = f"whatsapp:{MARIA}"
    closed = world.send(to=to, from_=f"whatsapp:{NUMBER}", status_callback=receiver.url("/status"))
    world.advance(60)
    done = world.client.messages(closed.sid).fetch()
    assert (done.status, done.error_code) == ("failed", 63016) and "outside the allowed window" in done.error_message
    (hook,) = receiver.take("/status")
    assert signed(hook) and hook.params["ErrorCode"] == "63016" and hook.params["ChannelPrefix"] == "whatsapp"
    world.text(to, f"whatsapp:{NUMBER}", "Hello")
    world.outcome(to, "read")
    answer = world.send(to=to, from_=f"whatsapp:{NUMBER}", status_callback=receiver.url("/status"))
    world.advance(60)
    hooks = receiver.take("/status")
    assert statuses(hooks, answer.sid) == ["sent", "delivered", "read"] and all(signed(hook) for hook in hooks)
    last = hooks[-1].params
    assert (last["EventType"], last["ChannelToAddress"]) == ("READ", MARIA[:-4] + "XXXX")
    assert last["ChannelInstallSid"].startswith("XE") and last["To"] == to
    assert world.client.messages(answer.sid).fetch().num_segments == "1"
