"""Every error in refusals.json, by the SDK's own call: status, code and words."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from world import ABSENT, KIM, LONDON, MARIA, NUMBER, SPARE, Recorder, refused

TABLE = json.loads((Path(__file__).parent.parent / "refusals.json").read_text(encoding="utf-8"))
STEP = re.compile(r"(\w+)(\(([^)]*)\))?")


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


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
        "MARIA": MARIA, "KIM": KIM, "LONDON": LONDON, "NUMBER": NUMBER, "SPARE": SPARE, "ABSENT": ABSENT,
        "other": other.sid, "short": short, "account": shared.account,
        "number": shared.number_sid(), "pooled": shared.number_sid(SPARE),
        "service": service.sid, "empty": shared.service().sid, "closed": closed.sid,
        "delivered": delivered, "queued": shared.send().sid,
        "soon": moment(seconds=290), "late": moment(days=36), "tomorrow": moment(days=1),
        "65": "x" * 65, "1601": "a" * 1601,
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
