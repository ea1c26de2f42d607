"""Gets a node ready for made-up calls: a business's key, and the ids of real rows as settings of schemathesis."""

import json
import sys
import urllib.request
from pathlib import Path

scratch = Path(sys.argv[1])
node = json.loads((scratch / ".local/state/switchboard/sandbox/node.json").read_text())
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(method, path, body=None):
    """One call with the node's token."""
    headers = {"Authorization": f"Bearer {node['token']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(node["base"] + path, data=data, headers=headers, method=method)
    with opener.open(request) as answer:
        return json.load(answer)


businesses = {b["name"]: b["id"] for b in ask("GET", "/api/businesses")["items"]}
dental, bank = businesses["Harbor Dental"], businesses["Northwind Bank"]
# What is changed and closed is one of its own: the others stay as the rest of the calls need them.
spare = ask("POST", "/api/businesses", {"name": "Fuzz"})["id"]
conversation = ask("GET", f"/api/conversations?business={dental}")["items"][0]
message = ask("GET", f"/api/conversations/{conversation['id']}/messages")["items"][0]
flow = ask("POST", f"/api/businesses/{bank}/verify/send", {"to": "+14155550142"})
endpoint = ask("GET", f"/api/businesses/{dental}/endpoints")["items"][0]
account = ask("GET", "/api/accounts")["items"][0]
key = ask("POST", "/api/tokens", {"label": "fuzz", "kind": "secret", "business": bank})

about = {
    r"^/api/conversations/\{id\}": {"path.id": conversation["id"]},
    r"^/api/messages/\{id\}": {"path.id": message["id"], "path.index": 0},
    r"^/api/businesses/\{business\}": {"path.business": bank, "path.flow": flow["id"]},
    r"^/api/businesses/\{id\}": {"path.id": spare},
    r"^/api/endpoints/\{id\}": {"path.id": endpoint["id"]},
    r"^/api/accounts/\{sid\}": {"path.sid": account["sid"]},
    r"^/api/numbers/\{number\}": {"path.number": "+14155550100"},
    r"^/api/contacts/\{address\}": {"path.address": conversation["customer"], "query.business": dental},
    r"^/api/simulator/phones/\{address\}": {"path.address": conversation["customer"]},
}
checks = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "unsupported_method",
]
lines = [
    "seed = 7",
    "continue-on-failure = true",
    'suppress-health-check = ["all"]',
    "request-timeout = 30",
    "warnings = false",
    "[phases]",
    "stateful.enabled = false",
    "[generation]",
    "no-shrink = true",
    "[checks]",
    "enabled = false",
    *(f"{name}.enabled = true" for name in checks),
    # Twilio refusing something is 502 with Twilio's code, a store that is full 503: both are in the document.
    'not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "502"]',
    # It makes Twilio fail on purpose: what follows would be no fault of ours.
    "[[operations]]",
    'include-operation-id = "AddFault"',
    "enabled = false",
]
for path, parameters in about.items():
    lines += ["[[operations]]", f"include-path-regex = '{path}'", "[operations.parameters]"]
    lines += [f'"{name}" = {json.dumps(value)}' for name, value in parameters.items()]
(scratch / "schemathesis.toml").write_text("\n".join(lines) + "\n")
(scratch / "base").write_text(node["base"])
(scratch / "token").write_text(node["token"])
(scratch / "key").write_text(key["secret"])
