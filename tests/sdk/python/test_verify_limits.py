"""What stands around verifications: rate limits, senders, the safe list, webhooks, attempts and their sum."""

import pytest
from world import KIM, LEE, MARIA, NUMBER, refused, wrong

judges = pytest.mark.judges


@judges("rate limits", "good")
def test_rate_limits_and_buckets(world):
    service = world.bank()
    limit = service.rate_limits.create(unique_name="end_user_ip", description="By address")
    limits = world.client.verify.v2.services(service.sid).rate_limits
    assert limits(limit.sid).fetch().unique_name == "end_user_ip"
    assert limits(limit.sid).update(description="Other").description == "Other"
    buckets = limits(limit.sid).buckets
    bucket = buckets.create(max=4, interval=60)
    assert (bucket.max, bucket.interval, bucket.rate_limit_sid) == (4, 60, limit.sid)
    assert buckets(bucket.sid).update(max=5, interval=61).interval == 61
    assert buckets(bucket.sid).fetch().max == 5 and [one.sid for one in buckets.list()] == [bucket.sid]
    assert buckets(bucket.sid).delete() and buckets.list() == []
    assert [one.sid for one in limits.list()] == [limit.sid] and limits(limit.sid).delete() and limits.list() == []


@judges("rate limits", "paging")
def test_limits_and_buckets_come_in_pages(world):
    service = world.bank()
    limits = [service.rate_limits.create(unique_name=f"n{n}") for n in range(3)]
    for n in range(1, 4):
        limits[0].buckets.create(max=1, interval=n)
    for resource in (service.rate_limits, limits[0].buckets):
        first = resource.page(page_size=2)
        assert (len(list(first)), len(list(first.next_page()))) == (2, 1)


@judges("rate limits", "lifecycle")
def test_a_limit_counts_by_value_and_forgets(world):
    service = world.bank()
    limit = service.rate_limits.create(unique_name="ip")
    limit.buckets.create(max=2, interval=120)
    limit.buckets.create(max=3, interval=3600)
    start = lambda to, ip="203.0.113.7": service.verifications.create(to=to, channel="sms", rate_limits=f'{{"ip":"{ip}"}}')
    start(MARIA), start(KIM)
    error = refused(lambda: start(LEE))
    assert (error.status, error.code) == (429, 20429) and error.msg.endswith(": Too many requests")
    answer = world.client.request(
        "POST", f"https://verify.twilio.com/v2/Services/{service.sid}/Verifications",
        data={"To": LEE, "Channel": "sms", "RateLimits": '{"ip":"203.0.113.7"}'},
    )
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Twilio-Reached-Rate-Limit"]) == (429, "120", "ip")
    assert start(LEE, "203.0.113.8").status == "pending"
    world.advance(121)
    assert start(LEE).status == "pending"
    assert refused(lambda: start("+14155550170")).code == 20429, "the longer bucket is full"


@judges("configurations", "good")
def test_a_country_has_its_sender(world):
    messaging, service = world.service(NUMBER), world.bank()
    configurations = world.client.verify.v2.services(service.sid).messaging_configurations
    made = configurations.create(country="US", messaging_service_sid=messaging.sid)
    assert (made.country, made.messaging_service_sid) == ("US", messaging.sid)
    assert configurations("US").fetch().service_sid == service.sid
    other = world.service()
    assert configurations("US").update(messaging_service_sid=other.sid).messaging_service_sid == other.sid
    configurations("US").update(messaging_service_sid=messaging.sid)
    service.verifications.create(to=MARIA, channel="sms")
    world.advance(5)
    assert world.phone(MARIA)[-1]["from"] == NUMBER
    assert [one.country for one in configurations.list()] == ["US"]
    assert configurations("US").delete() and configurations.list() == []
    service.verifications.create(to=MARIA, channel="sms")
    world.advance(5)
    assert world.phone(MARIA)[-1]["from"] == "80274"


@judges("configurations", "paging")
def test_configurations_come_in_pages(world):
    messaging, service = world.service(), world.bank()
    for country in ("US", "DE", "all"):
        service.messaging_configurations.create(country=country, messaging_service_sid=messaging.sid)
    first = service.messaging_configurations.page(page_size=2)
    assert [one.country for one in first] + [one.country for one in first.next_page()] == ["all", "DE", "US"]


@judges("safelist", "good")
def test_a_safe_number_passes_fraud_guard(world):
    service, pumped = world.bank(), "+88213000001"
    start = lambda: service.verifications.create(to=pumped, channel="sms")
    assert (refused(start).status, refused(start).code) == (403, 60410)
    safelist = world.client.verify.v2.safelist
    made = safelist.create(phone_number=pumped)
    assert (made.phone_number, made.sid[:2]) == (pumped, "GN") and safelist(pumped).fetch().sid == made.sid
    assert start().status == "pending"
    assert safelist(pumped).delete() and refused(lambda: safelist(pumped).fetch()).code == 20404


@judges("verify webhooks", "good")
def test_webhooks(world):
    webhooks = world.bank().webhooks
    made = webhooks.create(
        friendly_name="Factors", event_types=["factor.created", "challenge.approved"],
        webhook_url="https://desk.example/verify", status="disabled", resource_version="v1",
    )
    assert (made.event_types, made.status, made.version, made.webhook_method) == (["factor.created", "challenge.approved"], "disabled", "v1", "POST")
    changed = webhooks(made.sid).update(
        friendly_name="All", event_types=["*"], webhook_url="https://desk.example/all", status="enabled", resource_version="v2"
    )
    assert (changed.friendly_name, changed.event_types, changed.status) == ("All", ["*"], "enabled")
    assert webhooks(made.sid).fetch().webhook_url == "https://desk.example/all"
    assert [one.sid for one in webhooks.list()] == [made.sid] and webhooks(made.sid).delete() and webhooks.list() == []


@judges("verify webhooks", "paging")
def test_webhooks_come_in_pages(world):
    webhooks = world.bank().webhooks
    for n in range(3):
        webhooks.create(friendly_name=f"n{n}", event_types=["*"], webhook_url="https://desk.example/v")
    first = webhooks.page(page_size=2)
    assert (len(list(first)), len(list(first.next_page()))) == (2, 1)


@pytest.fixture
def busy(world):
    """Two sends to Maria that end well, one to Kim by call that does not, an email, and a failed text."""
    service = world.bank()
    for _ in range(2):
        sent = service.verifications.create(to=MARIA, channel="sms")
        world.advance(10)
    service.verification_checks.create(to=MARIA, code=world.code())
    service.verifications.create(to=KIM, channel="call")
    service.verifications.create(to="kim@example.com", channel="email")
    world.outcome("+573001234567", "undelivered", 30008)
    service.verifications.create(to="+573001234567", channel="sms")
    world.advance(30)
    return service, sent


@judges("attempts", "good")
def test_attempts_know_what_became_of_them(world, busy):
    service, sent = busy
    attempts = world.client.verify.v2.verification_attempts
    assert len(attempts.list(verify_service_sid=service.sid)) == 5
    last, first = attempts.list(verification_sid=sent.sid, channel_data_to=MARIA)
    assert (last.conversion_status, first.conversion_status) == ("converted", "unconverted")
    assert (last.price, last.channel) == ({"value": "0.0083", "currency": "usd"}, "sms")
    data = attempts(last.sid).fetch().channel_data
    assert (data["status"], data["message_status"], data["country"], data["locale"]) == ("confirmed", "delivered", "US", "en")
    assert (data["code_length"], data["mcc"], data["error_code"]) == (6, "310", None)
    (failed,) = attempts.list(country="CO")
    assert (failed.channel_data["message_status"], failed.channel_data["error_code"], failed.channel_data["mcc"]) == ("undelivered", "30008", "732")
    (call,) = attempts.list(channel="call")
    assert (call.channel_data["call_status"], call.price["value"]) == ("completed", "0.0140")
    assert len(attempts.list(status="unconverted")) == 4
    assert attempts.list(date_created_after=last.date_created, date_created_before=last.date_created)[0].sid == last.sid


@judges("attempts", "good")
def test_a_price_comes_after_the_delivery(world):
    sent = world.bank().verifications.create(to=MARIA, channel="sms")
    attempt = world.client.verify.v2.verification_attempts(sent.send_code_attempts[0]["attempt_sid"])
    assert (attempt.fetch().price, attempt.fetch().channel_data["message_status"]) == (None, "queued")
    world.advance(0.5)
    assert (attempt.fetch().price, attempt.fetch().channel_data["message_status"]) == (None, "sent")
    world.advance(2)
    assert attempt.fetch().channel_data["message_status"] == "delivered" and attempt.fetch().price["value"] == "0.0083"


@judges("attempts", "paging")
def test_attempts_come_in_pages(world, busy):
    pages, page = [], world.client.verify.v2.verification_attempts.page(page_size=2)
    while page:
        pages.append([one.sid for one in page])
        page = page.next_page()
    assert [len(page) for page in pages] == [2, 2, 1] and len({sid for page in pages for sid in page}) == 5


@judges("attempts", "good")
def test_the_sum_leaves_emails_out(world, busy):
    service, _ = busy
    summary = lambda **filters: world.client.verify.v2.verification_attempts_summary().fetch(**filters)
    all_of_it = summary(verify_service_sid=service.sid)
    assert (all_of_it.total_attempts, all_of_it.total_converted, all_of_it.total_unconverted) == (4, 1, 3)
    assert all_of_it.conversion_rate_percentage == "25"
    assert summary(channel="sms").conversion_rate_percentage == "33.333333333"
    assert summary(country="CO", destination_prefix="+57").total_attempts == 1
    now = world.advance(0)["now"][:19] + "Z"
    assert summary(date_created_after=now).total_attempts == 0 and summary(date_created_before=now).total_attempts == 4
    assert summary(country="JP").conversion_rate_percentage == "0"


@judges("checks", "lifecycle")
def test_several_verifications_run_side_by_side(world):
    one, two = world.bank(), world.bank(code_length=8)
    one.verifications.create(to=MARIA, channel="sms")
    world.advance(5)
    first = world.code()
    two.verifications.create(to=MARIA, channel="sms")
    world.advance(5)
    second = world.code()
    assert (len(first), len(second)) == (6, 8)
    assert not two.verification_checks.create(to=MARIA, code=wrong(second)).valid
    assert one.verification_checks.create(to=MARIA, code=first).valid
    assert two.verification_checks.create(to=MARIA, code=second).valid
