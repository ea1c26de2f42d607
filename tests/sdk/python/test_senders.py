"""Short codes, sender names, how long a message may wait, Advanced Opt-Out, the network's own STOP."""

import pytest
from receiver import statuses
from world import LONDON, MARIA, NUMBER, SHORT, SPARE, refused

judges = pytest.mark.judges


def code_sid(world):
    (code,) = world.client.short_codes.list(short_code=SHORT)
    return code.sid


def arrived(world, service, to):
    sent = world.send(to=to, messaging_service_sid=service.sid)
    world.advance(10)
    return world.client.messages(sent.sid).fetch()


@judges("short codes", "good")
def test_a_short_code_is_read_and_configured(world):
    code = world.client.short_codes(code_sid(world)).fetch()
    assert (code.short_code, code.friendly_name, code.api_version) == (SHORT, SHORT, "2010-04-01")
    assert code.sms_url is None and code.sms_fallback_url is None
    given = {"sms_url": "https://desk.example/sms", "sms_method": "GET", "friendly_name": "Alerts"}
    more = {"sms_fallback_url": "https://desk.example/late", "sms_fallback_method": "GET"}
    set_ = world.client.short_codes(code.sid).update(**given, **more)
    assert {name: getattr(set_, name) for name in {**given, **more}} == {**given, **more}
    assert [one.sid for one in world.client.short_codes.list(friendly_name="Alerts")] == [code.sid]
    assert world.client.short_codes.list(short_code="999") == []


@judges("short codes", "lifecycle")
def test_a_short_code_sends_and_receives(world, receiver, signed):
    world.client.short_codes(code_sid(world)).update(sms_url=receiver.url("/sms"))
    sent = world.send(from_=SHORT, status_callback=receiver.url("/status"))
    world.advance(10)
    assert world.client.messages(sent.sid).fetch().status == "delivered"
    assert world.phone(MARIA)[-1]["from"] == SHORT
    world.text(MARIA, SHORT, "Thanks")
    (hook,) = receiver.take("/sms")
    assert signed(hook) and (hook.params["To"], hook.params["ToCountry"]) == (SHORT, "US")


@judges("short codes", "paging")
def test_pages(world):
    page = world.client.short_codes.page(page_size=1)
    assert [code.short_code for code in page] == [SHORT] and page.next_page_url is None


@judges("pool", "good")
def test_short_codes_of_a_service(world):
    codes = world.service().short_codes
    joined = codes.create(short_code_sid=code_sid(world))
    assert (joined.short_code, joined.country_code) == (SHORT, "US") and "SMS" in joined.capabilities
    codes = world.client.messaging.v1.services(joined.service_sid).short_codes
    assert codes(joined.sid).fetch().short_code == SHORT
    assert [one.sid for one in codes.list()] == [joined.sid]
    assert codes(joined.sid).delete() is True and codes.list() == []


@judges("pool", "good")
def test_sender_names_of_a_service(world):
    service = world.client.messaging.v1.services(world.service().sid)
    name = service.alpha_senders.create(alpha_sender="Harbor")
    british = service.destination_alpha_senders.create(alpha_sender="HarborUK", iso_country_code="GB")
    assert (name.alpha_sender, british.alpha_sender, british.iso_country_code) == ("Harbor", "HarborUK", "GB")
    assert name.sid.startswith("AI") and name.capabilities == ["SMS"]
    assert service.alpha_senders(name.sid).fetch().alpha_sender == "Harbor"
    assert service.destination_alpha_senders(british.sid).fetch().iso_country_code == "GB"
    assert [one.sid for one in service.alpha_senders.list()] == [name.sid]
    assert [one.sid for one in service.destination_alpha_senders.list(iso_country_code="GB")] == [british.sid]
    assert service.alpha_senders(name.sid).delete() is True
    assert service.destination_alpha_senders(british.sid).delete() is True
    assert service.destination_alpha_senders.list() == []


@judges("pool", "lifecycle")
def test_a_pool_prefers_short_codes_then_names_then_numbers(world):
    service = world.service(SPARE, sticky_sender=False)
    assert arrived(world, service, MARIA).from_ == arrived(world, service, LONDON).from_ == SPARE
    service.alpha_senders.create(alpha_sender="Harbor")
    service.short_codes.create(short_code_sid=code_sid(world))
    assert arrived(world, service, LONDON).from_ == "Harbor"
    assert arrived(world, service, MARIA).from_ == SHORT


@judges("pool", "lifecycle")
def test_a_long_code_takes_over(world, receiver):
    service = world.service(NUMBER, status_callback=receiver.url("/status"))
    service.short_codes.create(short_code_sid=code_sid(world))
    world.outcome(MARIA, "failed", 30024)
    done = arrived(world, service, MARIA)
    assert (done.from_, done.status, done.error_code) == (NUMBER, "delivered", None)
    assert statuses(receiver.take("/status")) == ["queued", "sent", "delivered"]


@judges("pool", "lifecycle")
def test_nothing_for_a_country_fails_later(world):
    service = world.service()
    service.short_codes.create(short_code_sid=code_sid(world))
    done = arrived(world, service, LONDON)
    assert (done.status, done.error_code, done.from_) == ("failed", 21703, None)


@judges("messages", "lifecycle")
@pytest.mark.parametrize("by", ["message", "service"])
def test_a_message_that_waits_too_long_expires(world, receiver, signed, by):
    world.outcome(MARIA, "queued")
    callback = {"status_callback": receiver.url("/status")}
    if by == "message":
        sent = world.send(validity_period=60, **callback)
    else:
        sent = world.send(messaging_service_sid=world.service(NUMBER, validity_period=60).sid, **callback)
    world.advance(59)
    assert world.client.messages(sent.sid).fetch().status == "queued"
    world.advance(3)
    done = world.client.messages(sent.sid).fetch()
    assert (done.status, done.error_code, done.price) == ("failed", 30036, None)
    last = receiver.take("/status")[-1]
    assert signed(last) and (last.params["MessageStatus"], last.params["ErrorCode"]) == ("failed", "30036")
    assert world.phone(MARIA) == []


@judges("messages", "good")
@pytest.mark.parametrize("name", ["Harbor", "Harbor-1", "A & B"])
def test_a_name_sends_where_names_are_taken(world, name):
    sent = world.send(to=LONDON, from_=name)
    world.advance(10)
    done = world.client.messages(sent.sid).fetch()
    assert (done.from_, done.status) == (name, "delivered")


@judges("opt-out", "lifecycle")
def test_advanced_opt_out_tells_the_webhook(world, receiver, signed):
    service = world.service(NUMBER, inbound_request_url=receiver.url("/sms"))
    words = {"stop": {"keywords": ["Basta"], "reply": "Bye."}, "start": {"keywords": ["Ciao"]}}
    world.control("POST", f"services/{service.sid}/opt-out", words)
    for said, told in [("basta", "STOP"), ("ciao", "START"), ("help", "HELP"), ("basta now", None)]:
        world.text(MARIA, NUMBER, said)
        (hook,) = receiver.take("/sms")
        assert signed(hook) and hook.params.get("OptOutType") == told
    world.advance(10)
    assert "Bye." in [text["body"] for text in world.phone(MARIA)]
    world.text(MARIA, NUMBER, "Basta")
    assert refused(lambda: world.send(messaging_service_sid=service.sid)).code == 21610


@judges("opt-out", "lifecycle")
def test_the_network_keeps_back_what_a_toll_free_number_sends(world):
    free = world.client.available_phone_numbers("US").toll_free.list(limit=1)[0].phone_number
    world.client.incoming_phone_numbers.create(phone_number=free)
    world.text(MARIA, free, "STOP")
    sent = world.send(from_=free)
    world.advance(10)
    done = world.client.messages(sent.sid).fetch()
    assert (done.status, done.error_code) == ("undelivered", 30004)
    world.text(MARIA, free, "UNSTOP")
    sent = world.send(from_=free)
    world.advance(10)
    assert world.client.messages(sent.sid).fetch().status == "delivered"


@judges("whatsapp", "webhook")
def test_a_button_and_a_place(world, receiver, signed):
    world.configure(sms_url=receiver.url("/sms"))
    pressed = {"ButtonText": "Yes", "ButtonPayload": "yes-1", "ButtonType": "REPLY", "MessageType": "button"}
    for parameters in (pressed, {"Latitude": "37.78", "Longitude": "-122.42", "Label": "Desk"}):
        world.text(f"whatsapp:{MARIA}", f"whatsapp:{NUMBER}", parameters=parameters)
        (hook,) = receiver.take("/sms")
        assert signed(hook) and parameters.items() <= hook.params.items()
