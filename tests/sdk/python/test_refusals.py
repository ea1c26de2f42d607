"""Every error in refusals.json, by the SDK's own call: status, code and words."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from world import ABSENT, KIM, LEE, LONDON, MARIA, NUMBER, SPARE, Recorder, refused

TABLE = json.loads((Path(__file__).parent.parent / "refusals.json").read_text(encoding="utf-8"))
STEP = re.compile(r"(\w+)(\(([^)]*)\))?")


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.replace(".", "")).lower()


@pytest.fixture(scope="module")
def known(shared):
    """A world with one of each, and the names that the table gives them."""
    Recorder.test = "refusals"
    now = datetime.strptime(shared.fresh()["now"][:19], "%Y-%m-%dT%H:%M:%S")
    delivered = shared.send().sid
    shared.text(KIM, NUMBER, "STOP")
    shared.advance(60)
    shared.control("POST", "clock", {"paused": True})
    closed = shared.client.api.v2010.accounts.create()
    closed.update(status="closed")
    service, other = shared.service(SPARE), shared.service()
    short = shared.client.short_codes.list()[0].sid
    other.short_codes.create(short_code_sid=short)
    other.alpha_senders.create(alpha_sender="Harbor")
    moment = lambda **ahead: (now + timedelta(seconds=60) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        **verify(shared, service.sid),
        "MARIA": MARIA, "KIM": KIM, "LONDON": LONDON, "LEE": LEE, "NUMBER": NUMBER, "SPARE": SPARE, "ABSENT": ABSENT,
        "other": other.sid, "short": short, "account": shared.account,
        "number": shared.number_sid(), "pooled": shared.number_sid(SPARE),
        "service": service.sid, "empty": shared.service().sid, "closed": closed.sid,
        "delivered": delivered, "queued": shared.send().sid,
        "soon": moment(seconds=290), "late": moment(days=36), "tomorrow": moment(days=1),
        "65": "x" * 65, "129": "x" * 129, "1601": "a" * 1601,
    }


def verify(shared, messaging):
    """Verify services that refuse for one reason each."""
    services, templates = shared.client.verify.v2.services, shared.client.verify.v2.templates
    service = services.create(friendly_name="Bank")
    five = [service.verifications.create(to=LEE, channel="sms").sid for _ in range(5)][0]
    service.verifications.create(to=LONDON, channel="sms")
    for _ in range(5):
        service.verification_checks.create(to=LONDON, code="0000")
    refused(lambda: service.verification_checks.create(to=LONDON, code="0000"))
    limited = services.create(friendly_name="Limited")
    limits = [limited.rate_limits.create(unique_name=f"n{n}") for n in range(1, 6)]
    for n in range(1, 6):
        limits[0].buckets.create(max=1, interval=n)
    limited.messaging_configurations.create(country="US", messaging_service_sid=messaging)
    shared.client.verify.v2.safelist.create(phone_number=KIM)
    return {
        "verify": service.sid, "five": five, "limited": limited.sid, "limit": limits[0].sid,
        "custom": services.create(friendly_name="Custom", custom_code_enabled=True).sid,
        "payments": services.create(friendly_name="Payments", psd2_enabled=True).sid,
        "careful": services.create(friendly_name="Careful", lookup_enabled=True, skip_sms_to_landlines=True).sid,
        "order": templates.list(friendly_name="Order")[0].sid, "brand": templates.list(friendly_name="Brand")[0].sid,
    }


def filled(value, known):
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda name: known[name[1]], value)
    return value


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=pytest.mark.judges(row["judges"], "refused")) for row in TABLE],
    ids=[f"{row['code']}-{row['on']}-{row['do']}-{at}" for at, row in enumerate(TABLE)],
)
def test_is_refused(shared, known, row):
    resource = shared.client
    for name, call, argument in STEP.findall(row["on"]):
        resource = getattr(resource, snake(name))
        if call:
            resource = resource(*[filled(argument, known)] if argument else [])
    given = {snake(name): filled(value, known) for name, value in row.get("with", {}).items()}
    given = {"from_" if name == "from" else name: value for name, value in given.items()}
    error = refused(lambda: getattr(resource, row["do"])(**given))
    assert (error.status, error.code) == (row["status"], row["code"])
    assert error.msg.endswith(": " + filled(row["message"], known)), error.msg
