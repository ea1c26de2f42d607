"""Usage: records by category and stretch of days, triggers, the balance, and prices that equal what was charged."""

from datetime import date
from decimal import Decimal

import pytest
from twilio.base.exceptions import TwilioException
from world import ABSENT, MARIA, NUMBER, refused

judges = pytest.mark.judges
LISTS = ["all_time", "daily", "last_month", "monthly", "this_month", "today", "yearly", "yesterday"]
TODAY = date(2026, 3, 2)


def record(world, category, name="today", **more):
    (found,) = getattr(world.client.usage.records, name).list(category=category, **more)
    return found


def trigger(world, **more):
    given = {"usage_category": "sms", "trigger_value": "3", "callback_url": "https://desk.example/usage", **more}
    return world.client.usage.triggers.create(**given)


@judges("usage records", "good")
def test_records_equal_the_prices_of_the_messages(world):
    sent = [world.send(), world.send(body="a" * 200), world.send(to="+442079460018")]
    world.text(MARIA, NUMBER, "Hi")
    world.advance(5)
    messages = world.client.messages.list()
    paid = sum(-Decimal(one.price) for one in messages)
    found = record(world, "sms")
    assert (found.count, found.usage, found.count_unit, found.usage_unit) == ("4", "5", "messages", "segments")
    assert Decimal(str(found.price)) == paid and found.price_unit == "usd" and len(messages) == len(sent) + 1
    assert (str(found.start_date), str(found.end_date)) == (str(TODAY), str(TODAY))
    for one in messages:
        world.client.messages(one.sid).delete()
    assert record(world, "sms").count == "4"
    total = record(world, "totalprice")
    assert Decimal(total.usage) == paid and total.usage_unit == "usd"
    balance = world.client.balance.fetch()
    assert (Decimal(balance.balance), balance.currency) == (Decimal(100) - paid, "USD")


@judges("usage records", "good")
@pytest.mark.parametrize("name", LISTS)
def test_each_list_takes_every_parameter(world, name):
    world.send()
    world.advance(5)
    given = {"start_date": "-30days", "end_date": TODAY, "include_subaccounts": False, "page_size": 10}
    found = getattr(world.client.usage.records, name).list(category="sms-outbound", **given)
    counted = {str(one.count) for one in found}
    assert counted == ({"0"} if name in ("last_month", "yesterday") else {"1"})


@judges("usage records", "good")
def test_a_stretch_of_days(world):
    world.send()
    world.advance(2 * 86_400)
    world.send()
    world.advance(5)
    records = world.client.usage.records
    days = [(str(one.start_date), one.count) for one in records.daily.list(category="sms")]
    assert days == [("2026-03-04", "1"), ("2026-03-03", "0"), ("2026-03-02", "1")]
    (first,) = records.list(category="sms", start_date=TODAY, end_date="-1days", include_subaccounts=True)
    assert (first.count, str(first.end_date)) == ("1", "2026-03-03")
    assert records.list(category="no-such-category") == []
    with pytest.raises(TwilioException, match="20001"):
        records.list(start_date="soon")


@judges("usage records", "paging")
def test_all_categories_in_pages(world):
    records = world.client.usage.records
    whole = [one.category for one in records.list(page_size=1000)]
    page, read = records.page(page_size=40), []
    while page:
        read += [one.category for one in page]
        page = page.next_page() if page.next_page_url else None
    assert read == whole and len(set(whole)) == len(whole) and "totalprice" in whole


@judges("usage triggers", "good")
def test_a_trigger_from_its_making_to_its_end(world):
    made = trigger(world, friendly_name="Many", callback_method="GET", trigger_by="count", recurring="daily")
    assert (made.trigger_value, made.current_value, made.date_fired) == ("3", "0", None)
    assert (made.recurring, made.trigger_by, made.callback_method) == ("daily", "count", "GET")
    changed = world.client.usage.triggers(made.sid).update(
        friendly_name="More", callback_url="https://desk.example/other", callback_method="POST"
    )
    assert (changed.friendly_name, changed.callback_method) == ("More", "POST")
    assert world.client.usage.triggers(made.sid).fetch().callback_url == "https://desk.example/other"
    assert world.client.usage.triggers(made.sid).delete()
    assert refused(world.client.usage.triggers(made.sid).fetch).status == 404


@judges("usage triggers", "paging")
def test_triggers_in_pages_and_by_filter(world):
    made = [trigger(world, trigger_by=by, recurring="daily") for by in ("count", "usage", "price")]
    once = trigger(world, usage_category="totalprice", trigger_by="price")
    triggers = world.client.usage.triggers
    assert [one.sid for one in triggers.list(page_size=2)] == [once.sid, *(one.sid for one in reversed(made))]
    found = triggers.list(recurring="daily", trigger_by="price", usage_category="sms")
    assert [one.sid for one in found] == [made[2].sid]


@judges("usage triggers", "webhook")
def test_a_trigger_fires_once_a_day(world, receiver, signed):
    world.send()
    world.advance(5)
    url = receiver.url("/usage")
    made = trigger(world, callback_url=url, trigger_value="+2", trigger_by="count", recurring="daily")
    assert made.trigger_value == "3"
    for _ in range(3):
        world.send()
    world.advance(120)
    world.send()
    world.advance(120)
    (hook,) = receiver.take("/usage")
    assert signed(hook) and hook.params["UsageTriggerSid"] == made.sid
    assert hook.params["CurrentValue"] == "4" and hook.params["IdempotencyToken"] == hook.token
    names = "AccountSid UsageTriggerSid Recurring UsageCategory TriggerBy TriggerValue CurrentValue UsageRecordUri"
    assert [name for name, _ in hook.pairs] == [*names.split(), "IdempotencyToken", "DateFired"]
    assert world.client.usage.triggers(made.sid).fetch().date_fired is not None
    world.advance(86_400)
    for _ in range(3):
        world.send()
    world.advance(120)
    assert len(receiver.take("/usage")) == 1


@judges("usage triggers", "refused")
@pytest.mark.parametrize(
    "given",
    [
        {"trigger_value": "-1"}, {"trigger_value": "many"}, {"usage_category": "nothing"}, {"recurring": "hourly"},
        {"trigger_by": "weight"}, {"callback_url": "nowhere"}, {"callback_method": "PUT"}, {"callback_url": ""},
    ],
)
def test_what_a_trigger_may_not_be(world, given):
    assert refused(lambda: trigger(world, **given)).code == 20001


@judges("usage triggers", "refused")
def test_a_trigger_that_is_not_there(world):
    one = world.client.usage.triggers("UT" + ABSENT)
    for call in (one.fetch, one.delete, lambda: one.update(friendly_name="x")):
        assert refused(call).status == 404


@judges("usage records", "fault")
def test_prices_come_late_and_in_another_currency(world):
    world.fault(prices={"delaySeconds": 604_800, "unit": "EUR"})
    sent = world.send()
    world.advance(3600)
    late = world.client.messages(sent.sid).fetch()
    assert (late.status, late.price) == ("delivered", None)
    world.advance(604_800)
    told = world.client.messages(sent.sid).fetch()
    assert (told.price, told.price_unit) == ("-0.00830", "EUR")
    assert world.client.balance.fetch().currency == "EUR"
