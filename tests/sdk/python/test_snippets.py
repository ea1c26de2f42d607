"""The code that the console shows behind a message or a verification, run as it stands."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from world import DIRECT, KIM, MARIA

ROOT = Path(__file__).parents[3]
BINARY = Path(os.environ["SDK_BINARIES"]) / "switchboard"
judges = pytest.mark.judges


class Desk:
    """A node with a sandbox of its own, and its commands."""

    def __init__(self, directory):
        self.directory = directory
        self.env = {**os.environ, "HOME": str(directory), "SWITCHBOARD_STATE_DIR": str(directory / "state")}
        for name in [name for name in self.env if name.startswith("TWILIO_")]:
            del self.env[name]
        with open(directory / "node.log", "w", encoding="utf-8") as log:
            self.node = subprocess.Popen(
                [BINARY, "serve", "--json", "--listen", "127.0.0.1:0"],
                env=self.env,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        ready = json.loads(self.node.stdout.readline())
        self.base, self.sandbox = ready["base"], ready["sandbox"]
        state = self.control("GET", "state")
        self.control("POST", "clock", {"paused": True})
        self.secrets = {
            "TWILIO_ACCOUNT_SID": state["accountSid"],
            "TWILIO_AUTH_TOKEN": state["authToken"],
            "PYTHONPATH": str(ROOT / "assets/sdk"),
            "NODE_PATH": os.pathsep.join([str(ROOT / "assets/sdk"), os.environ["NODE_PATH"]]),
        }

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.sandbox}/sandbox/{path}", data, headers, method=method)
        with DIRECT.open(request, timeout=60) as answer:
            return json.load(answer)

    def command(self, *words):
        run = subprocess.run(
            [BINARY, *words], env=self.env, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
        )
        assert run.returncode == 0, f"{words}: {run.stdout}{run.stderr}"
        return run.stdout

    def run(self, language, code, **more):
        """Runs code beside the clients that lead to the sandbox; answers what it printed."""
        # The clients are CommonJS; `await` at the top is a module's.
        script = "snippet.mjs" if "await " in code else "snippet.js"
        file = self.directory / ("snippet.py" if language == "python" else script)
        file.write_text(code, encoding="utf-8")
        for helper in (ROOT / "assets/sdk").iterdir():
            (self.directory / helper.name).write_bytes(helper.read_bytes())
        command = sys.executable if language == "python" else "node"
        environment = {**self.env, **self.secrets, **more}
        run = subprocess.run(
            [command, file.name], cwd=self.directory, env=environment, capture_output=True, text=True, timeout=60
        )
        assert run.returncode == 0, f"{code}\n{run.stdout}{run.stderr}"
        return run.stdout

    def texts(self, phone):
        return [text["body"] for text in self.control("GET", f"phones/{phone}")["messages"] if text["direction"] == "in"]

    def close(self):
        self.node.terminate()
        self.node.wait(timeout=30)
        self.node.stdout.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.close()


@judges("snippets", "good")
@pytest.mark.parametrize("language", ["node", "python"])
def test_what_went_to_twilio_sends_the_same_again(desk, language):
    body = f"it's \"{language}\" ☎ — $HOME"
    sent = json.loads(desk.command("--json", "send", "--to", MARIA, "--body", body))
    code = desk.command("messages", "upstream", sent["id"], "--as", f"twilio-{language}")
    before = desk.texts(MARIA)
    printed = desk.run(language, code)
    sid, status = re.findall(r"(SM[0-9a-f]{32}).*?(queued|accepted)", printed, re.S)[0]
    assert sid != sent.get("sid"), printed
    assert status in {"queued", "accepted"}
    desk.control("POST", "clock", {"advanceSeconds": 30})
    after = desk.texts(MARIA)
    assert len(after) > len(before) and after[-1] == body, after


@judges("snippets", "good")
@pytest.mark.parametrize("language, phone", [("node", KIM), ("python", "+14155550143")])
def test_a_code_is_sent_and_checked_by_what_is_shown(desk, language, phone):
    """Ours, not Twilio's: the node asks Twilio for it."""
    made = desk.command(
        "--json", "token", "create", "--kind", "secret", "--label", language, "--for-agent", "agent1", "--role", "admin"
    )
    token = json.loads(made)["secret"]
    send = desk.command("verify", "send", "--to", phone, "--business", "Northwind Bank", "--as", language)
    flow = desk.run(language, send, SWITCHBOARD_TOKEN=token)
    assert "pending" in flow, flow
    desk.control("POST", "clock", {"advanceSeconds": 30})
    code = re.findall(r"\d{6}", desk.texts(phone)[-1])[0]
    check = desk.command(
        "verify", "check", "--to", phone, "--code", code, "--business", "Northwind Bank", "--as", language
    )
    checked = desk.run(language, check, SWITCHBOARD_TOKEN=token, CODE=code)
    assert "approved" in checked, checked
