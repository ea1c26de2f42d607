"""Test credentials: magic numbers, nothing kept, nothing sent."""

import pytest
from world import MARIA, NUMBER, refused

judges = pytest.mark.judges
GOOD = "+15005550006"


@pytest.fixture
def magic(world):
    state = world.control("GET", "state")
    return world.client_as(state["testAccountSid"], state["testAuthToken"])


@judges("test credentials", "good")
def test_a_message_that_goes_nowhere(world, magic, receiver):
    sent = magic.messages.create(to=MARIA, from_=GOOD, body="Hi", status_callback=receiver.url("/status"))
    assert (sent.status, sent.from_, sent.to) == ("queued", GOOD, MARIA) and sent.sid.startswith("SM")
    world.advance(60)
    assert world.phone(MARIA) == [] and receiver.take() == []


@judges("test credentials", "refused")
@pytest.mark.parametrize(
    "from_, to, code, words",
    [
        ("+15005550001", MARIA, 21212, "The 'From' number +15005550001 is not a valid phone number, shortcode, or alphanumeric sender ID."),
        ("+15005550007", MARIA, 21606, "The From phone number +15005550007 is not a valid, SMS-capable inbound phone number or short code for your account."),
        ("+15005550008", MARIA, 21611, "This 'From' number has exceeded the maximum number of queued messages"),
        (NUMBER, MARIA, 21606, f"The From phone number {NUMBER} is not a valid, SMS-capable inbound phone number or short code for your account."),
        (GOOD, "+15005550001", 21211, "The 'To' number +15005550001 is not a valid phone number."),
        (GOOD, "+15005550002", 21612, "The 'To' phone number +15005550002 is not currently reachable via SMS"),
        (GOOD, "+15005550003", 21408, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: +15005550003"),
        (GOOD, "+15005550004", 21610, "Attempt to send to unsubscribed recipient"),
        (GOOD, "+15005550009", 21614, "'To' number +15005550009 is not a valid mobile number"),
        (GOOD, "+1500", 21211, "The 'To' number +1500 is not a valid phone number."),
    ],
)
def test_the_magic_numbers_of_messages(magic, from_, to, code, words):
    error = refused(lambda: magic.messages.create(to=to, from_=from_, body="Hi"))
    assert (error.status, error.code) == (400, code) and error.msg.endswith(": " + words)


@judges("test credentials", "good")
@pytest.mark.parametrize("given", [{"phone_number": GOOD}, {"area_code": "500"}])
def test_a_number_that_is_not_bought(world, magic, given):
    bought = magic.incoming_phone_numbers.create(**given, sms_url="https://desk.example/sms")
    assert (bought.phone_number, bought.sms_url) == (GOOD, "https://desk.example/sms")
    assert world.client.incoming_phone_numbers.list(phone_number=GOOD) == []


@judges("test credentials", "refused")
@pytest.mark.parametrize(
    "given, code",
    [
        ({"phone_number": "+15005550000"}, 21422), ({"phone_number": "+15005550001"}, 21421),
        ({"phone_number": MARIA}, 21421), ({"area_code": "533"}, 21452), ({"area_code": "415"}, 21452),
    ],
)
def test_the_magic_numbers_of_purchases(magic, given, code):
    error = refused(lambda: magic.incoming_phone_numbers.create(**given))
    assert (error.status, error.code) == (400, code)


@judges("test credentials", "refused")
def test_nothing_else_is_allowed(magic):
    sid = "SM" + "0" * 32
    for call in (
        lambda: magic.messages(sid).fetch(), lambda: magic.balance.fetch(),
        lambda: magic.messaging.v1.services.create(friendly_name="x"), lambda: magic.new_keys.create(),
    ):
        error = refused(call)
        assert (error.status, error.code) == (403, 20008)
        assert error.msg.endswith(": Resource not accessible with Test Account Credentials")
