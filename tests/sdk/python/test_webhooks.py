"""Webhooks: signed, retried as their URL says, then the fallback; TwiML carried out."""

import re

import pytest
from receiver import statuses
from twilio.twiml.messaging_response import MessagingResponse
from world import KIM, MARIA, NUMBER, SPARE

judges = pytest.mark.judges


@judges("callbacks", "webhook")
def test_a_status_callback_has_every_documented_parameter(world, receiver, signed):
    sent = world.send(status_callback=receiver.url("/status?b=7&name=Kim%27s"))
    world.advance(10)
    hooks = receiver.take("/status")
    assert statuses(hooks) == ["sent", "delivered"] and all(signed(hook) for hook in hooks)
    last = hooks[-1]
    assert last.method == "POST" and last.url.endswith("/status?b=7&name=Kim%27s")
    assert last.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert last.headers["user-agent"] == "TwilioProxy/1.1" and last.headers["accept"] == "*/*"
    done = last.params.pop("RawDlrDoneDate")
    assert re.fullmatch(r"\d{10}", done)
    assert {name: value for name, value in last.params.items() if name != "RawDlrDoneDate"} == {
        "SmsSid": sent.sid, "MessageSid": sent.sid, "AccountSid": world.account, "ApiVersion": "2010-04-01",
        "SmsStatus": "delivered", "MessageStatus": "delivered", "From": NUMBER, "To": MARIA,
    }
    assert len({hook.token for hook in hooks}) == 2


@judges("callbacks", "webhook")
def test_the_signature_is_the_accounts_alone(world, receiver, signed):
    world.send(status_callback=receiver.url("/status"))
    world.advance(10)
    hook = receiver.take("/status")[0]
    assert signed(hook) and not signed(hook, "another token")
    hook.pairs.append(("Extra", "1"))
    assert not signed(hook)


@judges("callbacks", "webhook")
def test_without_a_callback_the_sandboxs_own_setting_counts(world, receiver, signed):
    world.control("POST", "webhooks", {"status": receiver.url("/all")})
    sent = world.send()
    world.advance(10)
    hooks = receiver.take("/all")
    assert statuses(hooks, sent.sid) == ["sent", "delivered"] and all(signed(hook) for hook in hooks)


@judges("retries", "webhook")
@pytest.mark.parametrize(
    "fragment, answers, asked",
    [
        ("", [500], 1),
        ("#rc=2&rp=all", [500, 404, 200], 3),
        ("#rc=2&rp=5xx", [500, 503, 500], 3),
        ("#rc=3&rp=5xx", [500, 404], 2),
        ("#rc=3&rp=4xx", [404, 429, 200], 3),
        ("#rc=0&rp=all", [500], 1),
        ("#rc=5&rp=ct,rt", [500], 1),
    ],
)
def test_retries_as_the_fragment_says(world, receiver, signed, fragment, answers, asked):
    receiver.will_answer("/sms", *[(status, "text/plain", "") for status in answers])
    world.configure(sms_url=receiver.url("/sms") + fragment)
    world.text(MARIA, NUMBER, "Hi")
    hooks = receiver.take("/sms")
    assert len(hooks) == asked and len({hook.token for hook in hooks}) == 1
    assert all(signed(hook) and "#" not in hook.url for hook in hooks)


@judges("retries", "webhook")
def test_a_fragment_that_is_wrong_is_11243(world, receiver):
    world.configure(sms_url=receiver.url("/sms") + "#rc=9")
    answer = world.text(MARIA, NUMBER, "Hi")
    assert answer["webhook"]["code"] == 11243 and receiver.take() == []


@judges("retries", "webhook")
def test_nobody_there_is_tried_twice_then_11205(world):
    world.configure(sms_url="http://127.0.0.1:1/sms")
    answer = world.text(MARIA, NUMBER, "Hi")
    tried = [entry for entry in world.journal() if entry["kind"] == "webhook"]
    assert answer["webhook"]["code"] == 11205 and len(tried) == 2


@judges("fallback", "webhook")
@pytest.mark.parametrize("status, code", [(500, "11200"), (404, "11200")])
def test_the_fallback_is_told_why(world, receiver, signed, status, code):
    receiver.will_answer("/sms", (status, "text/plain", ""))
    receiver.will_answer("/late", "<Response><Message>Sorry</Message></Response>")
    world.configure(sms_url=receiver.url("/sms"), sms_fallback_url=receiver.url("/late"), sms_fallback_method="GET")
    world.text(MARIA, NUMBER, "Hi")
    (late,) = receiver.take("/late")
    assert late.method == "GET" and signed(late)
    assert (late.params["ErrorCode"], late.params["ErrorUrl"]) == (code, receiver.url("/sms"))
    world.advance(10)
    assert world.phone(MARIA)[-1]["body"] == "Sorry"


@judges("fallback", "webhook")
def test_the_fallback_of_a_service(world, receiver, signed):
    receiver.will_answer("/sms", (500, "text/plain", ""))
    world.service(NUMBER, inbound_request_url=receiver.url("/sms"), fallback_url=receiver.url("/late"))
    world.text(MARIA, NUMBER, "Hi")
    (late,) = receiver.take("/late")
    assert signed(late) and late.method == "POST" and late.params["Body"] == "Hi"


@judges("twiml", "webhook")
def test_messages_are_sent_as_replies(world, receiver, signed):
    receiver.will_answer(
        "/sms",
        f"""<?xml version="1.0" encoding="UTF-8"?><Response>
        <Message statusCallback="{receiver.url('/status')}">We are open</Message>
        <Message to="{KIM}"><Body>Maria asks</Body><Media>{receiver.serve('/map.png', 'image/png', b'map')}</Media></Message>
        </Response>""",
    )
    world.configure(sms_url=receiver.url("/sms"))
    world.text(MARIA, NUMBER, "Open?")
    world.advance(10)
    assert world.phone(MARIA)[-1]["body"] == "We are open"
    (kims,) = world.phone(KIM)
    assert kims["body"] == "Maria asks" and len(kims["media"]) == 1
    replies = [message for message in world.client.messages.list() if message.direction == "outbound-reply"]
    assert {(one.to, one.from_, one.num_media) for one in replies} == {(MARIA, NUMBER, "0"), (KIM, NUMBER, "1")}
    hooks = receiver.take("/status")
    assert statuses(hooks) == ["sent", "delivered"] and all(signed(hook) for hook in hooks)


@judges("twiml", "webhook")
def test_what_the_sdk_writes_is_understood(world, receiver):
    answer = MessagingResponse()
    answer.message("Größe & <Preis>", to=KIM)
    picture = answer.message()
    picture.body("See")
    picture.media(receiver.serve("/a.png", "image/png", b"png"))
    answer.redirect(receiver.url("/next"), method="GET")
    receiver.will_answer("/sms", str(answer))
    world.configure(sms_url=receiver.url("/sms"))
    world.text(MARIA, NUMBER, "Hi")
    world.advance(10)
    assert world.phone(KIM)[-1]["body"] == "Größe & <Preis>"
    assert world.phone(MARIA)[-1]["body"] == "See" and len(world.phone(MARIA)[-1]["media"]) == 1
    assert [hook.method for hook in receiver.take("/next")] == ["GET"]


@judges("twiml", "webhook")
def test_plain_text_is_sent_back(world, receiver):
    receiver.will_answer("/sms", (200, "text/plain", "Thanks!"))
    world.configure(sms_url=receiver.url("/sms"))
    world.text(MARIA, NUMBER, "Hi")
    world.advance(10)
    assert world.phone(MARIA)[-1]["body"] == "Thanks!"


@judges("twiml", "webhook")
def test_a_redirect_is_followed_with_the_same_parameters(world, receiver, signed):
    receiver.will_answer("/sms", '<Response><Message>One</Message><Redirect method="GET">/next?x=1</Redirect></Response>')
    receiver.will_answer("/next", "<Response><Message>Two</Message></Response>")
    world.configure(sms_url=receiver.url("/sms"))
    world.text(MARIA, NUMBER, "Hi")
    (following,) = receiver.take("/next")
    assert following.method == "GET" and signed(following)
    assert (following.params["Body"], following.params["x"]) == ("Hi", "1")
    world.advance(10)
    assert [text["body"] for text in world.phone(MARIA)][-2:] == ["One", "Two"]


@judges("twiml", "webhook")
@pytest.mark.parametrize(
    "answer, code",
    [
        ((200, "application/json", "{}"), 12300),
        ((200, "text/xml", "<Response>"), 12100),
        ((200, "text/xml", "<html/>"), 12102),
        ((200, "text/xml", "<Response><Message/></Response>"), 14103),
        ((200, "text/xml", "<Response><Say>Hi</Say></Response>"), 12200),
        ((200, "text/xml", "<Response>" + "<Message>x</Message>" * 11 + "</Response>"), 14109),
        ((200, "text/xml", "<Response/>"), None),
        ((204, "text/xml", ""), None),
    ],
)
def test_an_answer_that_is_wrong_has_twilios_code(world, receiver, answer, code):
    receiver.will_answer("/sms", answer)
    world.configure(sms_url=receiver.url("/sms"))
    assert world.text(MARIA, NUMBER, "Hi")["webhook"]["code"] == code


@judges("inbound", "webhook")
def test_an_sms_has_every_documented_parameter(world, receiver, signed):
    world.configure(sms_url=receiver.url("/sms"))
    told = world.text(MARIA, NUMBER, "Is parking free?")
    (hook,) = receiver.take("/sms")
    assert hook.method == "POST" and signed(hook) and re.fullmatch(r"[0-9a-f-]{36}", hook.token)
    assert hook.params == {
        "MessageSid": told["sid"], "SmsSid": told["sid"], "SmsMessageSid": told["sid"], "AccountSid": world.account,
        "From": MARIA, "To": NUMBER, "Body": "Is parking free?", "NumMedia": "0", "NumSegments": "1",
        "SmsStatus": "received", "ApiVersion": "2010-04-01", "ReferralNumMedia": "0",
        "FromCity": "SAN FRANCISCO", "FromState": "CA", "FromZip": "94103", "FromCountry": "US",
        "ToCity": "SAN FRANCISCO", "ToState": "CA", "ToZip": "94103", "ToCountry": "US",
    }
    kept = world.client.messages(told["sid"]).fetch()
    assert (kept.direction, kept.status, kept.from_, kept.to) == ("inbound", "received", MARIA, NUMBER)
    assert kept.price is None and kept.date_sent is not None
    world.advance(2)
    assert world.client.messages(told["sid"]).fetch().price == "-0.00830"


@judges("inbound", "webhook")
def test_by_get_everything_is_in_the_query(world, receiver, signed):
    world.configure(sms_url=receiver.url("/sms?desk=1"), sms_method="GET")
    world.text(MARIA, NUMBER, "Größe? 50% & more + 'x'")
    (hook,) = receiver.take("/sms")
    assert hook.method == "GET" and signed(hook)
    assert hook.params["Body"] == "Größe? 50% & more + 'x'" and hook.params["desk"] == "1"


@judges("inbound", "webhook")
def test_a_number_in_a_service_names_it(world, receiver, signed):
    world.configure(sms_url=receiver.url("/number"))
    service = world.service(NUMBER, SPARE, inbound_request_url=receiver.url("/service"))
    world.text(MARIA, NUMBER, "Hi")
    (hook,) = receiver.take()
    assert (hook.path, hook.params["MessagingServiceSid"]) == ("/service", service.sid) and signed(hook)
    world.client.messaging.v1.services(service.sid).update(use_inbound_webhook_on_number=True)
    world.text(MARIA, NUMBER, "Hi")
    (hook,) = receiver.take()
    assert (hook.path, hook.params["MessagingServiceSid"]) == ("/number", service.sid)


@judges("inbound", "webhook")
def test_several_media(world, receiver, signed):
    world.configure(sms_url=receiver.url("/sms"))
    media = [{"contentType": kind, "base64": "QUJD"} for kind in ("image/png", "video/mp4")]
    world.text(MARIA, NUMBER, media=media)
    (hook,) = receiver.take("/sms")
    assert signed(hook) and (hook.params["NumMedia"], hook.params["Body"]) == ("2", "")
    assert (hook.params["MediaContentType0"], hook.params["MediaContentType1"]) == ("image/png", "video/mp4")
    sids = [hook.params[f"MediaUrl{n}"].rsplit("/", 1)[1] for n in (0, 1)]
    assert sorted(sids) == sorted(one.sid for one in world.client.messages(hook.params["MessageSid"]).media.list())


@judges("whatsapp", "webhook")
def test_whatsapp_has_its_own_parameters(world, receiver, signed):
    world.configure(sms_url=receiver.url("/sms"))
    world.text(f"whatsapp:{MARIA}", f"whatsapp:{NUMBER}", "Hola", profileName="Maria P.")
    (hook,) = receiver.take("/sms")
    assert signed(hook)
    assert (hook.params["From"], hook.params["To"]) == (f"whatsapp:{MARIA}", f"whatsapp:{NUMBER}")
    assert (hook.params["ProfileName"], hook.params["WaId"], hook.params["MessageType"]) == ("Maria P.", MARIA[1:], "text")
    assert "FromCity" not in hook.params
    picture = [{"contentType": "image/jpeg", "base64": "QUJD"}]
    world.text(f"whatsapp:{MARIA}", f"whatsapp:{NUMBER}", media=picture)
    (hook,) = receiver.take("/sms")
    assert (hook.params["MessageType"], hook.params["NumMedia"]) == ("image", "1")


STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
