"""Monitor: alerts for what went wrong, events for who changed what."""

from datetime import datetime, timezone

import pytest
from twilio.base.exceptions import TwilioException
from world import ABSENT, MARIA, NUMBER, refused

judges = pytest.mark.judges
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


@judges("alerts", "lifecycle")
def test_what_went_wrong_is_an_alert(world, receiver):
    world.configure(sms_url=receiver.url("/in"))
    receiver.will_answer("/in", (500, "text/plain", "out of order"))
    world.text(MARIA, NUMBER, "Hi")
    world.outcome(MARIA, "undelivered", 30005, times=1)
    lost = world.send()
    world.advance(5)
    refused(lambda: world.send(body=""))
    alerts = world.client.monitor.v1.alerts
    found = alerts.list()
    assert [one.error_code for one in found] == ["21602", "30005", "11200"]
    assert (found[1].resource_sid, found[1].log_level) == (lost.sid, "error")
    whole = alerts(found[2].sid).fetch()
    assert (whole.request_method, whole.request_url) == ("POST", receiver.url("/in"))
    assert "Body=Hi" in whole.request_variables and whole.response_body == "out of order"


@judges("alerts", "paging")
def test_alerts_by_level_and_time_and_in_pages(world):
    for _ in range(3):
        refused(lambda: world.send(body=""))
    alerts = world.client.monitor.v1.alerts
    given = {"start_date": NOON, "end_date": datetime(2026, 3, 3), "page_size": 2}
    assert len(alerts.list(log_level="error", **given)) == 3
    assert alerts.list(log_level="debug", **given) == []
    assert alerts.list(end_date=NOON) == []


@judges("alerts", "refused")
def test_an_alert_that_is_not_there(world):
    assert refused(world.client.monitor.v1.alerts("NO" + ABSENT).fetch).status == 404
    with pytest.raises(TwilioException, match="20001"):
        world.client.monitor.v1.alerts.list(log_level="bad")


@judges("events", "lifecycle")
def test_what_was_changed_is_an_event(world):
    world.configure(friendly_name="Front desk")
    world.advance(1)
    bought = world.buy()
    bought.delete()
    events = world.client.monitor.v1.events
    found = events.list()
    assert [one.event_type for one in found] == ["phone-number.deleted", "phone-number.created", "phone-number.updated"]
    told = {"friendly_name": {"previous": "(415) 555-0100", "updated": "Front desk"}}
    assert found[2].event_data == told and found[2].actor_sid == world.account
    again = events(found[0].sid).fetch()
    assert (again.resource_sid, again.source, again.actor_type) == (bought.sid, "api", "account")


@judges("events", "paging")
def test_events_by_every_filter(world):
    sid = world.configure(friendly_name="Front desk").sid
    events = world.client.monitor.v1.events
    given = {
        "actor_sid": world.account, "event_type": "phone-number.updated", "resource_sid": sid, "start_date": NOON,
        "source_ip_address": "127.0.0.1", "end_date": datetime(2026, 3, 3), "page_size": 1,
    }
    assert len(events.list(**given)) == 1
    for name, other in [("actor_sid", "US" + ABSENT), ("event_type", "account.updated"), ("end_date", NOON)]:
        assert events.list(**{**given, name: other}) == []


@judges("events", "refused")
def test_an_event_that_is_not_there(world):
    assert refused(world.client.monitor.v1.events("AE" + ABSENT).fetch).status == 404
