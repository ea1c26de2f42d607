"""The judge that reads Twilio's description finds what is planted, and nothing where there is nothing."""

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from described import Description, Judge  # noqa: E402

judges = pytest.mark.judges
KIND = {"content-type": "application/json"}


@pytest.fixture
def answer(world):
    sent = world.client.messages.create_with_http_info(to="+14155550123", from_="+14155550100", body="Hi")
    url = world.path("Messages/" + sent.data.sid)
    body = json.loads(world.client.request("GET", url).text)
    told = {"suite": "python", "test": "planted", "method": "GET", "url": url, "status": 200}
    return {**told, "sent": [], "headers": KIND, "body": body}


def faults(answer, **changed):
    judge = Judge(Description(Path(os.environ["SDK_DESCRIPTION"])), [])
    judge.answer({**answer, **changed, "body": json.dumps(changed.get("body", answer["body"]))})
    return [f"{field} {what}".strip() for _, field, what in judge.wrong]


@judges("description", "good")
def test_what_is_right_is_left_alone(answer):
    assert faults(answer) == []


@judges("description", "refused")
@pytest.mark.parametrize(
    "planted, found",
    [
        ({"num_segments": 1}, "num_segments type: int for string"),
        ({"error_code": "30003"}, "error_code type: str for integer"),
        ({"status": "lost"}, "status enum: 'lost'"),
        ({"sid": "SM1"}, "sid pattern: 'SM1' is not ^(SM|MM)[0-9a-fA-F]{32}$"),
        ({"date_sent": "2026-03-02T17:00:00Z"}, "date_sent format: '2026-03-02T17:00:00Z' is no date-time-rfc-2822"),
        ({"direction": None}, "direction null"),
        ({"colour": "red"}, "colour extra"),
    ],
)
def test_a_planted_field_is_found(answer, planted, found):
    assert faults(answer, body={**answer["body"], **planted}) == [found]


@judges("description", "refused")
def test_a_planted_answer_is_found(answer):
    short = {name: value for name, value in answer["body"].items() if name != "price"}
    assert faults(answer, body=short) == ["price missing"]
    assert faults(answer, status=202) == ["status: 202 is not described"]
    assert faults(answer, headers={}) == ["type: it is no JSON"]
    assert faults(answer, url=answer["url"].replace("Messages", "Massages")) == ["not described"]
    assert faults(answer, status=400) != []
