"""Fourteen behaviours of Twilio's that fakes of it get wrong."""

import json
import re

import pytest
from receiver import statuses
from world import KIM, MARIA, NUMBER, refused, wrong

judges = pytest.mark.judges
TEN_MINUTES = 600


@pytest.fixture
def sent(world):
    service = world.bank()
    verification = service.verifications.create(to=MARIA, channel="sms")
    world.advance(5)
    return service, verification, world.code()


@judges("truths", "lifecycle")
def test_truth_01_a_check_after_approval_is_404(world, sent):
    service, _, code = sent
    assert service.verification_checks.create(to=MARIA, code=code).status == "approved"
    error = refused(lambda: service.verification_checks.create(to=MARIA, code=code))
    assert (error.status, error.code) == (404, 20404)


@judges("truths", "lifecycle")
def test_truth_02_five_wrong_codes_and_then_429(world, sent):
    service, verification, code = sent
    for _ in range(5):
        assert service.verification_checks.create(to=MARIA, code=wrong(code)).status == "pending"
    error = refused(lambda: service.verification_checks.create(to=MARIA, code=code))
    assert (error.status, error.code) == (429, 60202)
    assert service.verifications(verification.sid).fetch().status == "max_attempts_reached"
    world.advance(TEN_MINUTES)
    assert refused(lambda: service.verification_checks.create(to=MARIA, code=code)).status == 404


@judges("truths", "lifecycle")
def test_truth_03_the_sixth_send_is_429(world, sent):
    service, _, _ = sent
    for _ in range(4):
        service.verifications.create(to=MARIA, channel="sms")
    error = refused(lambda: service.verifications.create(to=MARIA, channel="sms"))
    assert (error.status, error.code) == (429, 60203)
    world.advance(TEN_MINUTES)
    assert service.verifications.create(to=MARIA, channel="sms").status == "pending"


@judges("truths", "lifecycle")
def test_truth_04_a_resend_has_the_same_sid_and_code(world, sent):
    service, verification, code = sent
    again = service.verifications.create(to=MARIA, channel="sms")
    assert again.sid == verification.sid and len(again.send_code_attempts) == 2
    world.advance(5)
    assert world.code() == code


@judges("truths", "lifecycle")
def test_truth_05_ten_minutes_and_then_404(world, sent):
    service, verification, code = sent
    world.advance(TEN_MINUTES - 6)
    assert service.verifications(verification.sid).fetch().status == "pending"
    world.advance(1)
    for call in (
        lambda: service.verifications(verification.sid).fetch(),
        lambda: service.verification_checks.create(to=MARIA, code=code),
    ):
        assert (refused(call).status, refused(call).code) == (404, 20404)


@judges("truths", "good")
def test_truth_06_no_answer_has_the_code(world, sent):
    service, verification, code = sent
    url = f"https://verify.twilio.com/v2/Services/{service.sid}"
    attempt = verification.send_code_attempts[0]["attempt_sid"]
    answers = [
        world.client.request("GET", f"{url}/Verifications/{verification.sid}"),
        world.client.request("GET", f"https://verify.twilio.com/v2/Attempts/{attempt}"),
        world.client.request("POST", f"{url}/Verifications", data={"To": MARIA, "Channel": "sms"}),
        world.client.request("POST", f"{url}/VerificationCheck", data={"To": MARIA, "Code": code}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 201, 200]
    # Between other letters six digits could stand by chance in a SID.
    assert not any(re.search(rf"\b{code}\b", answer.text) for answer in answers)


@judges("truths", "good")
def test_truth_07_codes_are_no_constant(world):
    codes = set()
    service = world.bank()
    for n in range(8):
        service.verifications.create(to=f"+1415555016{n}", channel="sms")
        world.advance(5)
        codes.add(world.code(f"+1415555016{n}"))
    assert len(codes) > 1 and all(len(code) == 6 for code in codes)


@judges("truths", "refused")
def test_truth_08_a_body_has_1600_characters(world):
    error = refused(lambda: world.send(body="a" * 1601))
    assert (error.status, error.code) == (400, 21617) and world.send(body="a" * 1600).status == "queued"


@judges("truths", "good")
@pytest.mark.parametrize("body, segments", [("€" * 80, 1), ("€" * 81, 2), ("a" * 160, 1), ("a" * 306, 2), ("a" * 307, 3), ("ü你" * 67, 2), ("ü你" * 68, 3)])
def test_truth_09_parts_are_counted_as_carriers_do(world, body, segments):
    assert world.send(body=body).num_segments == str(segments)


@judges("truths", "lifecycle")
def test_truth_10_stop_is_answered_and_kept(world):
    world.text(MARIA, NUMBER, "STOP")
    world.advance(5)
    assert "unsubscribed" in world.phone(MARIA)[-1]["body"]
    assert refused(lambda: world.send()).code == 21610


@judges("truths", "webhook")
def test_truth_11_a_message_goes_its_way_by_itself(world, receiver):
    sent = world.send(status_callback=receiver.url("/status"))
    world.advance(5)
    assert statuses(receiver.take("/status"), sent.sid) == ["sent", "delivered"]
    world.fault(webhook={"reorder": True}, times=1)
    other = world.send(to=KIM, status_callback=receiver.url("/status"))
    world.advance(5)
    assert statuses(receiver.take("/status"), other.sid) == ["delivered", "sent"]


@judges("truths", "webhook")
def test_truth_12_a_text_to_a_pooled_number_names_the_service(world, receiver):
    service = world.service(NUMBER, inbound_request_url=receiver.url("/in"))
    world.text(MARIA, NUMBER, "Hi")
    (hook,) = receiver.take("/in")
    assert hook.params["MessagingServiceSid"] == service.sid


@judges("truths", "webhook")
def test_truth_13_a_get_webhook_is_signed_with_its_query(world, receiver, signed):
    world.configure(sms_url=receiver.url("/in?a=1"), sms_method="GET")
    world.text(MARIA, NUMBER, "Hi")
    (hook,) = receiver.take("/in")
    assert hook.method == "GET" and signed(hook) and "Body=Hi" in hook.url


@judges("truths", "lifecycle")
def test_truth_14_price_and_date_come_later(world, sent):
    message = world.send()
    assert (message.price, message.date_sent) == (None, None)
    raw = json.loads(world.client.request("GET", world.path(f"Messages/{message.sid}")).text)
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000", raw["date_created"])
    world.advance(5)
    done = world.client.messages(message.sid).fetch()
    assert done.price == "-0.00830" and done.date_sent
    service, verification, _ = sent
    raw = json.loads(world.client.request("GET", verification_url(service, verification)).text)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", raw["date_created"])


def verification_url(service, verification):
    return f"https://verify.twilio.com/v2/Services/{service.sid}/Verifications/{verification.sid}"
