"""Each test begins in a fresh world whose clock stands, and is counted under its resource and its case."""

import json
import os

import pytest
from receiver import Receiver
from twilio.request_validator import RequestValidator
from world import Recorder, World


def pytest_configure(config):
    config.addinivalue_line("markers", "judges(resource, case): what a test is counted under")


@pytest.fixture(scope="session")
def shared():
    return World()


@pytest.fixture
def world(shared, request):
    Recorder.test = request.node.name
    shared.fresh()
    return shared


@pytest.fixture(scope="session")
def server():
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def receiver(server):
    server.clear()
    return server


@pytest.fixture
def signed(world):
    """Whether a webhook bears the account's signature, by the SDK's own validator."""
    validator = RequestValidator(world.token)

    def check(hook, token=None):
        judge = validator if token is None else RequestValidator(token)
        return judge.validate(hook.url, hook.params if hook.method == "POST" else {}, hook.signature)

    return check


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if call.when != "call":
        return
    marker = item.get_closest_marker("judges")
    assert marker, f"{item.name} says not what it judges"
    resource, case = marker.args
    entry = {"suite": "python", "resource": resource, "case": case, "name": item.name, "passed": report.passed}
    with open(os.environ["SDK_CASES"], "a", encoding="utf-8") as out:
        out.write(json.dumps(entry) + "\n")
