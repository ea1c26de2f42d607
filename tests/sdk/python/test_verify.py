"""Verify services and verifications, from the first send to the end, on every channel."""

import json
import re

import pytest
from twilio.request_validator import RequestValidator
from world import ABSENT, KIM, LEE, MARIA, refused, wrong

judges = pytest.mark.judges

SETTINGS = {
    "friendly_name": "Harbor Dental", "code_length": 8, "lookup_enabled": True, "skip_sms_to_landlines": True,
    "dtmf_input_required": False, "tts_name": "Harbor", "psd2_enabled": True, "do_not_share_warning_enabled": True,
    "custom_code_enabled": True, "default_template_sid": "HJ" + ABSENT, "verify_event_subscription_enabled": True,
}
NESTED = {
    "push": {"include_date": True, "apn_credential_sid": "CR" + ABSENT, "fcm_credential_sid": "CR" + ABSENT},
    "totp": {"issuer": "Harbor", "time_step": 40, "code_length": 7, "skew": 2},
    "whatsapp": {"msg_service_sid": "MG" + ABSENT, "from": "whatsapp:+14155550100"},
}
PASSKEYS = {
    "relying_party": {"id": "harbor.example", "name": "Harbor", "origins": ["https://harbor.example"]},
    "authenticator_attachment": "platform", "discoverable_credentials": "preferred", "user_verification": "required",
}
FLAT = {f"{group}_{name}": value for group, values in NESTED.items() for name, value in values.items()}
FLAT |= {
    "passkeys_relying_party_id": "harbor.example", "passkeys_relying_party_name": "Harbor",
    "passkeys_relying_party_origins": "https://harbor.example", "passkeys_authenticator_attachment": "platform",
    "passkeys_discoverable_credentials": "preferred", "passkeys_user_verification": "required",
}


@judges("verify services", "good")
def test_create_fetch_update_list_delete(world):
    services = world.client.verify.v2.services
    made = world.bank()
    assert (made.friendly_name, made.code_length, made.dtmf_input_required) == ("Northwind Bank", 6, True)
    assert made.push == {"include_date": False, "apn_credential_sid": None, "fcm_credential_sid": None}
    assert made.totp == {"issuer": None, "time_step": None, "code_length": None, "skew": None}
    assert made.whatsapp == {"msg_service_sid": None, "from": None}
    assert made.links["verification_checks"].endswith(f"/Services/{made.sid}/VerificationCheck")
    assert services(made.sid).update(code_length=4).code_length == 4
    assert services(made.sid).fetch().code_length == 4
    assert [one.sid for one in services.list()] == [made.sid]
    assert services(made.sid).delete()
    assert refused(lambda: services(made.sid).fetch()).code == 20404


@judges("verify services", "good")
@pytest.mark.parametrize("at_once", [True, False])
def test_every_setting(world, at_once):
    if at_once:
        made = world.client.verify.v2.services.create(**SETTINGS, **FLAT)
    else:
        made = world.client.verify.v2.services(world.bank().sid).update(**SETTINGS, **FLAT)
    assert {name: getattr(made, name) for name in SETTINGS} == SETTINGS
    assert {name: getattr(made, name) for name in NESTED} == NESTED
    assert made.passkeys == PASSKEYS


@judges("verify services", "good")
def test_a_world_is_told_with_a_service(world):
    told = {"verify": [{"FriendlyName": "Northwind Bank", "CodeLength": 8, "CustomCodeEnabled": True}]}
    world.control("POST", "reset", {"scenario": told})
    (made,) = world.client.verify.v2.services.list()
    assert (made.friendly_name, made.code_length, made.custom_code_enabled) == ("Northwind Bank", 8, True)


@judges("verify services", "paging")
def test_services_come_in_pages(world):
    made = [world.bank(friendly_name=f"Bank {n}").sid for n in range(5)][::-1]
    first = world.client.verify.v2.services.page(page_size=2)
    second = first.next_page()
    third = second.next_page()
    read = [[one.sid for one in page] for page in (first, second, third)]
    assert read == [made[:2], made[2:4], made[4:]] and third.next_page() is None
    assert [one.sid for one in third.previous_page()] == made[2:4]


@judges("verifications", "lifecycle")
def test_a_text_with_a_code_is_approved(world):
    service = world.bank()
    sent = service.verifications.create(to=MARIA, channel="sms")
    assert (sent.status, sent.valid, sent.channel, sent.to, sent.lookup) == ("pending", False, "sms", MARIA, {})
    (attempt,) = sent.send_code_attempts
    assert (attempt["channel"].lower(), attempt["attempt_sid"][:2]) == ("sms", "VL")
    assert service.verifications(sent.sid).fetch().sid == service.verifications(MARIA).fetch().sid == sent.sid
    world.advance(5)
    assert world.phone(MARIA)[-1]["body"] == f"Your Northwind Bank verification code is: {world.code()}"
    checked = service.verification_checks.create(to=MARIA, code=world.code())
    assert (checked.status, checked.valid, checked.sid, checked.channel) == ("approved", True, sent.sid, "sms")
    assert refused(lambda: service.verifications(sent.sid).fetch()).code == 20404


@judges("verifications", "lifecycle")
def test_a_call_says_the_code(world):
    service = world.bank()
    service.verifications.create(to=MARIA, channel="call", send_digits="1w2#", locale="de")
    world.advance(30)
    (call,) = world.has(MARIA)["calls"]
    assert "[1w2# is dialled]" in call["transcript"] and "[a key is pressed]" in call["transcript"]
    assert "Bestätigungscode" in call["transcript"]
    code = call["transcript"].split(": ")[1][:11].replace(" ", "")
    assert service.verification_checks.create(to=MARIA, code=code).status == "approved"


@judges("verifications", "lifecycle")
def test_whatsapp_has_a_sender_of_its_own(world):
    service = world.bank(whatsapp_from="whatsapp:+14155550100")
    sent = service.verifications.create(to=MARIA, channel="whatsapp", locale="es")
    world.advance(5)
    (text,) = world.phone(f"whatsapp:{MARIA}")
    assert text["from"] == "whatsapp:+14155550100" and "es tu código" in text["body"]
    code = world.code(f"whatsapp:{MARIA}")
    assert service.verification_checks.create(verification_sid=sent.sid, code=code).valid


@judges("verifications", "lifecycle")
def test_an_email_reaches_the_mailbox(world):
    service, to = world.bank(), "kim@example.com"
    configuration = {"from": "hello@bank.example", "from_name": "Bank", "template_id": "d-1", "substitutions": {"a": "b"}}
    sent = service.verifications.create(to=to, channel="email", channel_configuration=json.dumps(configuration))
    assert (sent.to, sent.channel) == (to, "email")
    world.advance(5)
    (email,) = world.has(to)["emails"]
    assert (email["from"], email["fromName"], email["templateId"]) == ("hello@bank.example", "Bank", "d-1")
    assert email["subject"] == "Your Northwind Bank verification code" and email["substitutions"] == {"a": "b"}
    code = email["body"].split(": ")[1][:6]
    assert service.verification_checks.create(to=to, code=code).status == "approved"


@judges("verifications", "good")
def test_auto_chooses_the_channel(world):
    service = world.bank()
    chosen = {to: service.verifications.create(to=to, channel="auto", device_ip="203.0.113.7").channel for to in (MARIA, "+14155550001", "kim@example.com")}
    assert list(chosen.values()) == ["sms", "call", "email"]


@judges("verifications", "lifecycle")
def test_the_channel_changes_within_one_verification(world):
    service = world.bank()
    sent = [service.verifications.create(to=MARIA, channel=channel) for channel in ("sms", "call", "whatsapp")]
    assert {one.sid for one in sent} == {sent[0].sid}
    assert [one["channel"].lower() for one in sent[2].send_code_attempts] == ["sms", "call", "whatsapp"]
    assert sent[2].channel == "whatsapp"
    world.advance(30)
    assert world.code() == world.code(f"whatsapp:{MARIA}")


@judges("verifications", "good")
@pytest.mark.parametrize("length", [4, 6, 10])
def test_a_code_has_the_services_length(world, length):
    service = world.bank(code_length=length)
    service.verifications.create(to=MARIA, channel="sms")
    world.advance(5)
    assert len(world.code()) == length
    assert service.verification_checks.create(to=MARIA, code=world.code()).valid


@judges("verifications", "good")
def test_a_code_of_ones_own(world):
    service = world.bank(custom_code_enabled=True)
    sent = service.verifications.create(to=MARIA, channel="sms", custom_code="AB12", custom_message="taken")
    world.advance(5)
    assert world.phone(MARIA)[-1]["body"].endswith(": AB12")
    assert not service.verification_checks.create(to=MARIA, code="AB13").valid
    # Checked elsewhere, and told to Twilio.
    assert service.verifications(sent.sid).update(status="approved").valid is True
    assert refused(lambda: service.verifications(sent.sid).update(status="approved")).code == 20404


@judges("verifications", "good")
def test_words_of_the_text(world):
    service = world.bank(do_not_share_warning_enabled=True, lookup_enabled=True)
    sent = service.verifications.create(
        to=MARIA, channel="sms", custom_friendly_name="Kiosk 7", app_hash="abcdefghijk", locale="en",
        enable_sna_client_token="true", tags='{"flow":"login"}', risk_check="enable",
    )
    assert (sent.lookup["carrier"]["type"], sent.lookup["carrier"]["mobile_country_code"]) == ("mobile", "310")
    world.advance(5)
    body = world.phone(MARIA)[-1]["body"]
    assert body.startswith("<#> Your Kiosk 7 verification code is: ") and body.endswith("\nabcdefghijk")
    assert "Don't share this code with anyone" in body


@judges("verifications", "good")
def test_the_language_follows_the_country(world):
    service = world.bank()
    for to, words in (("+573001234567", "Tu código"), ("+4915112345678", "Dein Northwind"), (LEE, "Your Northwind")):
        service.verifications.create(to=to, channel="sms")
        world.advance(5)
        assert world.phone(to)[-1]["body"].startswith(words)


@judges("verifications", "good")
def test_a_payment_is_confirmed_as_it_was_shown(world):
    service = world.bank(psd2_enabled=True)
    sent = service.verifications.create(to=MARIA, channel="sms", amount="€39.99", payee="Acme")
    assert (sent.amount, sent.payee) == ("€39.99", "Acme")
    world.advance(5)
    code = world.code()
    assert "€39.99 to Acme" in world.phone(MARIA)[-1]["body"]
    checks = service.verification_checks
    assert not checks.create(to=MARIA, code=code, amount="€99.99", payee="Acme").valid
    done = checks.create(to=MARIA, code=code, amount="€39.99", payee="Acme", sna_client_token="x")
    assert (done.valid, done.amount, done.payee) == (True, "€39.99", "Acme")


@judges("templates", "good")
def test_a_template_with_substitutions(world):
    (brand,) = world.client.verify.v2.templates.list(friendly_name="Brand")
    assert brand.channels == ["sms", "voice"] and brand.translations["en"]["is_default_translation"] is True
    service = world.bank()
    given = {"template_sid": brand.sid, "template_custom_substitutions": '{"brand":"Northwind"}'}
    for locale, words in (("en", "Your Northwind code is"), ("es", "Tu código de Northwind es"), ("de", "Dein Northwind-Code lautet")):
        service.verifications.create(to=MARIA, channel="sms", locale=locale, **given)
        world.advance(5)
        assert world.phone(MARIA)[-1]["body"].startswith(words)
    service.verifications.create(to=KIM, channel="call", **given)
    world.advance(30)
    assert re.search(r"Your Northwind code is (\d ){5}\d$", world.has(KIM)["calls"][0]["transcript"])


@judges("templates", "good")
def test_a_default_template(world):
    (usual,) = world.client.verify.v2.templates.list(friendly_name="Sharing warning")
    service = world.bank(default_template_sid=usual.sid)
    service.verifications.create(to=MARIA, channel="sms")
    world.advance(5)
    assert world.phone(MARIA)[-1]["body"].endswith(". Do not share this code with anyone.")


@judges("templates", "paging")
def test_templates_come_in_pages(world):
    first = world.client.verify.v2.templates.page(page_size=2)
    assert (len(list(first)), len(list(first.next_page()))) == (2, 1)


@judges("checks", "lifecycle")
def test_a_wrong_code_is_no_error(world):
    service = world.bank()
    service.verifications.create(to=MARIA, channel="sms")
    world.advance(5)
    checked = service.verification_checks.create(to=MARIA, code=wrong(world.code()))
    assert (checked.status, checked.valid) == ("pending", False)
    assert service.verification_checks.create(to=MARIA, code=world.code()).valid


@judges("verifications", "webhook")
def test_events_tell_of_a_verification(world, receiver):
    world.control("POST", "webhooks", {"events": receiver.url("/events?a=1")})
    service = world.bank()
    sent = service.verifications.create(to=MARIA, channel="sms", tags='{"flow":"login"}', custom_friendly_name="Kiosk")
    world.advance(5)
    service.verification_checks.create(to=MARIA, code=wrong(world.code()))
    service.verification_checks.create(to=MARIA, code=world.code())
    world.advance(1)
    world.settle(lambda: len(receiver.hooks) >= 4)
    hooks = receiver.take("/events")
    validator = RequestValidator(world.token)
    assert all(validator.validate(hook.url, hook.body, hook.signature) for hook in hooks)
    assert not any(validator.validate(hook.url, hook.body + " ", hook.signature) for hook in hooks)
    events = [event for hook in hooks for event in json.loads(hook.body)]
    kinds = [event["type"].removeprefix("com.twilio.accountsecurity.verify.") for event in events]
    assert kinds == ["verification.pending", "message.sent", "message.delivered", "verification.approved"]
    data = events[3]["data"]
    assert (data["verification_sid"], data["verification_status"], data["custom_friendly_name"]) == (sent.sid, "APPROVED", "Kiosk")
    assert data["send_code_attempts"]["attempts"][0]["tags"] == {"flow": "login"} and data["check_attempts"]["count"] == 2
    assert world.code() not in re.findall(r"\b\d+\b", "".join(hook.body for hook in hooks))
    service.verifications.create(to=KIM, channel="sms")
    world.advance(601)
    world.settle(lambda: len(receiver.hooks) >= 4)
    last = json.loads(receiver.take("/events")[-1].body)[0]
    assert last["type"].endswith(".verification.expired") and last["data"]["expired_at"]


@judges("verifications", "fault")
def test_a_fault_speaks_as_verify_does(world):
    service = world.bank()
    world.fault(match={"product": "verify", "method": "POST"}, action={"code": 60203}, times=1)
    error = refused(lambda: service.verifications.create(to=MARIA, channel="sms"))
    assert (error.status, error.code) == (429, 60203) and error.msg.endswith(": Max send attempts reached")
    assert service.verifications.create(to=MARIA, channel="sms").status == "pending"


@judges("verifications", "refused")
def test_a_status_is_not_asked_for_all_the_time(world):
    service = world.bank()
    sent = service.verifications.create(to=MARIA, channel="sms")
    for _ in range(60):
        service.verifications(sent.sid).fetch()
    assert (refused(lambda: service.verifications(sent.sid).fetch()).status) == 429
    world.advance(61)
    assert service.verifications(sent.sid).fetch().status == "pending"
