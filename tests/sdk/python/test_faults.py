"""Faults on purpose, as the SDK sees them: errors of Twilio's, errors of the transport, bad webhooks."""

import time

import pytest
import requests
from receiver import statuses
from world import MARIA, NUMBER, refused

judges = pytest.mark.judges
HERE = {"product": "api", "method": "POST", "path": "/Messages.json"}


@judges("faults", "fault")
def test_429_with_its_headers(world):
    world.fault(match=HERE, action={"status": 429})
    answer = world.client.request("POST", world.path("Messages"), data={"To": MARIA, "From": NUMBER, "Body": "x"})
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert answer.status_code == 429 and int(headers["retry-after"]) >= 1
    assert "twilio-concurrent-requests" in headers
    world.fault(match=HERE, action={"status": 429})
    error = refused(lambda: world.send())
    assert (error.status, error.code) == (429, 20429) and error.msg.endswith(": Too Many Requests")
    world.send()
    assert len(world.client.messages.list()) == 1


@judges("faults", "fault")
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error(world, status):
    world.fault(match=HERE, action={"status": status}, times=2)
    for _ in range(2):
        error = refused(lambda: world.send())
        assert (error.status, error.code) == (status, 20500)
    assert world.client.messages.list() == [] and world.send().status == "queued"


@judges("faults", "fault")
@pytest.mark.parametrize("code, status", [(21610, 400), (21611, 400), (20404, 404), (20003, 401), (20429, 429)])
def test_any_code_of_twilios(world, code, status):
    world.fault(match=HERE, action={"code": code})
    error = refused(lambda: world.send())
    assert (error.status, error.code) == (status, code)


@judges("faults", "fault")
def test_only_what_matches(world):
    world.fault(match={"method": "GET", "path": "/Accounts/*/Messages"}, action={"status": 503})
    sent = world.send()
    assert refused(lambda: world.client.messages(sent.sid).fetch()).status == 503
    assert world.client.messages(sent.sid).fetch().sid == sent.sid
    world.fault(match={"product": "messaging"}, action={"status": 500}, times=3)
    world.control("DELETE", "faults")
    assert world.client.messaging.v1.services.list() == []


@judges("faults", "fault")
def test_a_slow_answer_comes(world):
    world.fault(match=HERE, action={"delayMs": 400})
    begun = time.monotonic()
    assert world.send().status == "queued" and time.monotonic() - begun >= 0.4


@judges("faults", "fault")
def test_too_slow_is_an_error_of_the_transport_and_sends_once(world):
    world.fault(match=HERE, action={"delayMs": 2_000})
    world.http.timeout = 0.3
    try:
        with pytest.raises(requests.exceptions.ReadTimeout):
            world.send()
    finally:
        world.http.timeout = 30
    for _ in range(100):
        if world.client.messages.list():
            break
        time.sleep(0.1)
    assert len(world.client.messages.list()) == 1


@judges("faults", "fault")
def test_cut_off_after_it_was_accepted(world):
    world.fault(match=HERE, action={"dropAfterAccept": True})
    with pytest.raises(requests.exceptions.ConnectionError):
        world.send(body="Once")
    assert [message.body for message in world.client.messages.list()] == ["Once"]


@judges("faults", "fault")
def test_cut_off_before_anything_was_done(world):
    world.fault(match=HERE, action={"reset": True})
    with pytest.raises(requests.exceptions.ConnectionError):
        world.send()
    assert world.client.messages.list() == []


def sent_with_callbacks(world, receiver):
    sent = world.send(status_callback=receiver.url("/status"))
    world.advance(10)
    return sent


@judges("faults", "webhook")
def test_a_webhook_comes_twice(world, receiver, signed):
    world.fault(webhook={"duplicate": True})
    sent_with_callbacks(world, receiver)
    hooks = receiver.take("/status")
    assert statuses(hooks) == ["sent", "sent", "delivered"] and all(signed(hook) for hook in hooks)
    assert hooks[0].token == hooks[1].token != hooks[2].token


@judges("faults", "webhook")
def test_webhooks_come_in_another_order(world, receiver, signed):
    world.fault(webhook={"reorder": True})
    sent_with_callbacks(world, receiver)
    hooks = receiver.take("/status")
    assert statuses(hooks) == ["delivered", "sent"] and all(signed(hook) for hook in hooks)


@judges("faults", "webhook")
def test_a_webhook_never_comes(world, receiver):
    world.fault(webhook={"drop": True})
    sent = sent_with_callbacks(world, receiver)
    assert statuses(receiver.take("/status")) == ["delivered"]
    assert world.client.messages(sent.sid).fetch().status == "delivered"


@judges("faults", "webhook")
def test_a_webhook_comes_late(world, receiver, signed):
    world.configure(sms_url=receiver.url("/sms"))
    world.fault(webhook={"delayMs": 400})
    begun = time.monotonic()
    world.text(MARIA, NUMBER, "Hi")
    (hook,) = receiver.take("/sms")
    assert signed(hook) and time.monotonic() - begun >= 0.4
