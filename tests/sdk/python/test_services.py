"""Messaging Services, their pools, and which sender a customer sees."""

import pytest
from receiver import statuses
from world import KIM, LEE, MARIA, NUMBER, SPARE, refused

judges = pytest.mark.judges


@judges("services", "good")
def test_services(world):
    given = {
        "friendly_name": "Desk", "inbound_request_url": "https://desk.example/sms", "inbound_method": "GET",
        "fallback_url": "https://desk.example/late", "fallback_method": "GET",
        "status_callback": "https://desk.example/status", "sticky_sender": False, "mms_converter": False,
        "smart_encoding": False, "scan_message_content": "disable", "fallback_to_long_code": False,
        "area_code_geomatch": False, "validity_period": 600, "synchronous_validation": True,
        "usecase": "notifications", "use_inbound_webhook_on_number": True,
    }
    services = world.client.messaging.v1.services
    made = services.create(**given)
    assert {name: getattr(made, name) for name in given} == given
    assert made.sid.startswith("MG") and made.account_sid == world.account and made.us_app_to_person_registered is False
    assert set(made.links) >= {"phone_numbers", "short_codes", "alpha_senders", "channel_senders", "us_app_to_person"}
    assert services(made.sid).update(friendly_name="Counter", inbound_request_url="").inbound_request_url is None
    now = services(made.sid).fetch()
    assert (now.friendly_name, now.validity_period) == ("Counter", 600)
    assert [service.sid for service in services.list()] == [made.sid]
    assert services(made.sid).delete() is True
    assert refused(lambda: services(made.sid).fetch()).code == 20404 and services.list() == []


@judges("services", "good")
def test_defaults(world):
    made = world.service()
    shown = (made.sticky_sender, made.smart_encoding, made.mms_converter, made.validity_period, made.usecase)
    assert shown == (True, True, True, 36_000, "undeclared")
    assert (made.inbound_method, made.fallback_method, made.scan_message_content) == ("POST", "POST", "inherit")


@judges("services", "good")
def test_usecases(world):
    words = [one["usecase"] for one in world.client.messaging.v1.usecases.fetch().usecases]
    assert {"notifications", "marketing", "verification"} <= set(words)


@judges("services", "paging")
def test_pages_with_absolute_links(world):
    made = [world.service(friendly_name=str(n)).sid for n in range(5)]
    page = world.client.messaging.v1.services.page(page_size=2)
    read = [[service.sid for service in page]]
    while page.next_page_url:
        assert page.next_page_url.startswith(world.base)
        page = page.next_page()
        read.append([service.sid for service in page])
    assert [sid for sids in read for sid in sids] == made[::-1] and [len(sids) for sids in read] == [2, 2, 1]
    assert [service.sid for service in page.previous_page()] == read[1]


@judges("pool", "good")
def test_phone_numbers_of_a_service(world):
    service = world.service()
    joined = service.phone_numbers.create(phone_number_sid=world.number_sid())
    assert (joined.phone_number, joined.service_sid, joined.country_code) == (NUMBER, service.sid, "US")
    assert set(joined.capabilities) >= {"SMS", "MMS"}
    numbers = world.client.messaging.v1.services(service.sid).phone_numbers
    assert numbers(joined.sid).fetch().phone_number == NUMBER
    assert [one.phone_number for one in numbers.list()] == [NUMBER]
    assert numbers(joined.sid).delete() is True and numbers.list() == []
    assert refused(lambda: numbers(joined.sid).fetch()).code == 20404


@judges("pool", "paging")
def test_phone_numbers_in_pages(world):
    service = world.service(NUMBER, SPARE)
    for _ in range(3):
        service.phone_numbers.create(phone_number_sid=world.buy().sid)
    page = service.phone_numbers.page(page_size=2)
    read = [one.phone_number for one in page]
    while page.next_page_url:
        page = page.next_page()
        read += [one.phone_number for one in page]
    assert len(read) == len(set(read)) == 5 and {NUMBER, SPARE} <= set(read)


@judges("pool", "good")
@pytest.mark.parametrize("kind", ["short_codes", "alpha_senders", "channel_senders", "destination_alpha_senders"])
def test_other_senders_begin_empty(world, kind):
    assert getattr(world.service(), kind).list() == []


@judges("pool", "lifecycle")
def test_a_customer_keeps_the_sender(world):
    service = world.service(NUMBER, SPARE)
    for _ in range(3):
        service.phone_numbers.create(phone_number_sid=world.buy().sid)
    seen = {}
    for _ in range(3):
        for customer in (MARIA, KIM, LEE):
            sent = world.send(to=customer, messaging_service_sid=service.sid)
            assert (sent.status, sent.from_, sent.num_segments) == ("accepted", None, "0")
            world.advance(10)
            done = world.client.messages(sent.sid).fetch()
            assert (done.status, done.num_segments) == ("delivered", "1")
            seen.setdefault(customer, set()).add(done.from_)
    assert all(len(senders) == 1 for senders in seen.values())
    left = next(iter(seen[MARIA]))
    service.phone_numbers(world.number_sid(left)).delete()
    sent = world.send(to=MARIA, messaging_service_sid=service.sid)
    world.advance(10)
    assert world.client.messages(sent.sid).fetch().from_ not in (None, left)


@judges("pool", "lifecycle")
def test_a_sender_of_the_customers_area_is_preferred(world):
    service = world.service(NUMBER)
    near = world.buy("212")
    service.phone_numbers.create(phone_number_sid=near.sid)
    sent = world.send(to=LEE, messaging_service_sid=service.sid)
    world.advance(10)
    assert world.client.messages(sent.sid).fetch().from_ == near.phone_number


@judges("services", "lifecycle")
def test_messages_inherit_callback_and_encoding(world, receiver, signed):
    service = world.service(NUMBER, status_callback=receiver.url("/service"))
    sent = world.send(body="It’s ready", messaging_service_sid=service.sid)
    assert sent.body == "It's ready"
    world.advance(10)
    hooks = receiver.take("/service")
    assert statuses(hooks) == ["queued", "sent", "delivered"] and all(signed(hook) for hook in hooks)
    assert {hook.params["MessagingServiceSid"] for hook in hooks} == {service.sid}
    own = world.send(messaging_service_sid=service.sid, status_callback=receiver.url("/own"))
    world.advance(10)
    assert receiver.take("/service") == [] and statuses(receiver.take("/own"), own.sid)[-1] == "delivered"


@judges("pool", "refused")
def test_a_pool_is_full(world):
    numbers = [f"+1415{200 + n // 100}{5000 + n % 100}" for n in range(401)]
    told = {"number": [{"PhoneNumber": n} for n in numbers], "service": [{"FriendlyName": "Full", "numbers": numbers[:400]}]}
    world.control("POST", "reset", {"scenario": told})
    (service,) = world.client.messaging.v1.services.list()
    assert len(service.phone_numbers.list(page_size=1000)) == 400
    error = refused(lambda: service.phone_numbers.create(phone_number_sid=world.number_sid(numbers[400])))
    assert (error.status, error.code) == (400, 21714)
    assert error.msg.endswith(": Number Pool size limit reached")
