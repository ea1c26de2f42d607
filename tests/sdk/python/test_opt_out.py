"""STOP, START, HELP: what Twilio does by itself, and 21610."""

import pytest
from test_webhooks import HELPED, STARTED, STOPPED
from world import KIM, MARIA, NUMBER, SPARE, refused

judges = pytest.mark.judges


@judges("opt-out", "lifecycle")
@pytest.mark.parametrize("word", ["STOP", " stop ", "Stopall", "UNSUBSCRIBE", "cancel", "END", "quit", "REVOKE", "OPTOUT"])
def test_stop(world, receiver, signed, word):
    world.configure(sms_url=receiver.url("/sms"))
    world.text(MARIA, NUMBER, word)
    (hook,) = receiver.take("/sms")
    assert signed(hook) and "OptOutType" not in hook.params
    world.advance(10)
    assert world.phone(MARIA)[-1]["body"] == STOPPED
    error = refused(lambda: world.send(to=MARIA))
    assert (error.status, error.code) == (400, 21610) and error.msg.endswith(": Attempt to send to unsubscribed recipient")
    world.send(to=KIM)
    world.send(to=MARIA, from_=SPARE)


@judges("opt-out", "lifecycle")
@pytest.mark.parametrize("word", ["START", "yes", "UNSTOP"])
def test_start(world, word):
    world.text(MARIA, NUMBER, "STOP")
    world.text(MARIA, NUMBER, word)
    world.advance(10)
    assert world.phone(MARIA)[-1]["body"] == STARTED
    world.send(to=MARIA)


@judges("opt-out", "lifecycle")
@pytest.mark.parametrize("word", ["HELP", "info"])
def test_help(world, word):
    world.text(MARIA, NUMBER, word)
    world.advance(10)
    assert world.phone(MARIA)[-1]["body"] == HELPED
    world.send(to=MARIA)


@judges("opt-out", "lifecycle")
def test_only_the_whole_text_is_a_keyword(world):
    world.text(MARIA, NUMBER, "please stop")
    world.advance(10)
    assert world.phone(MARIA)[-1]["direction"] == "out"
    world.send(to=MARIA)


@judges("opt-out", "lifecycle")
def test_a_service_is_left_as_a_whole(world):
    service = world.service(NUMBER, SPARE)
    world.text(MARIA, NUMBER, "STOP")
    assert refused(lambda: world.send(messaging_service_sid=service.sid)).code == 21610
    assert refused(lambda: world.send(from_=SPARE)).code == 21610
    world.text(MARIA, SPARE, "START")
    assert world.send(messaging_service_sid=service.sid).status == "accepted"


@judges("opt-out", "lifecycle")
def test_a_reply_to_who_has_left_is_not_sent(world, receiver):
    receiver.will_answer("/sms", "<Response><Message>Bye!</Message></Response>")
    world.configure(sms_url=receiver.url("/sms"))
    world.text(MARIA, NUMBER, "STOP")
    world.advance(10)
    assert "Bye!" not in [text["body"] for text in world.phone(MARIA)]
