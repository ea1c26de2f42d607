"""Checks every answer that the suites saw against Twilio's own description of its API.

    described.py DIRECTORY ANSWERS

DIRECTORY holds Twilio's OpenAPI files, ANSWERS what the suites recorded. An answer must be of a described
operation and status, and have each described field, no other, each of the described type. The operations
are those of operations.json, each answered well to both suites, and each described parameter was sent by
one of them. What differs for a reason stands in deviations.json; a deviation that no answer needed fails
too. An error's body has no description; it must have the four fields that the SDKs read.
"""

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

RFC_2822 = re.compile(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d \+0000$")
ISO_8601 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
TYPES = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
FORMATS = {
    "date-time-rfc-2822": lambda text: RFC_2822.match(text) and parsedate_to_datetime(text),
    "date-time": lambda text: ISO_8601.match(text),
    "uri": lambda text: urlsplit(text).path,
    "iso-country-code": lambda text: re.match(r"^[A-Z]{2}$", text),
    "currency": lambda text: re.match(r"^[A-Z]{3}$", text),
    "http-method": lambda text: text in ("GET", "POST"),
}


@dataclass
class Operation:
    method: str
    path: str
    pattern: re.Pattern
    parameters: list
    responses: dict
    schemas: dict


class Description:
    """Twilio's operations, by product; a file is read when its product is first asked for."""

    def __init__(self, directory):
        self.directory, self.products = directory, {}

    def operations(self, product):
        if product not in self.products:
            files = sorted(self.directory.glob(f"twilio_{product}_v*.json"))
            self.products[product] = [operation for file in files for operation in read(file)]
        return self.products[product]

    def find(self, product, method, path):
        fits = [one for one in self.operations(product) if one.method == method and one.pattern.match(path)]
        # Words before placeholders: `/Services/Usecases` is no service.
        return min(fits, key=lambda one: one.path.count("{"), default=None)


def read(file):
    document = json.loads(file.read_text(encoding="utf-8"))
    for path, methods in document["paths"].items():
        pattern = re.compile("^" + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$")
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                form = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
                shared = document["components"].get("parameters", {})
                given = [shared[one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one for one in operation.get("parameters", [])]
                names = [one["name"] for one in given if one["in"] == "query"]
                names += form.get("schema", {}).get("properties", {})
                schemas = document["components"]["schemas"]
                yield Operation(method.upper(), path, pattern, names, operation["responses"], schemas)


class Judge:
    def __init__(self, description, deviations):
        self.description, self.deviations = description, deviations
        self.needed, self.wrong, self.unsent, self.parameters = set(), {}, {}, {}
        self.seen, self.answers, self.fields, self.errors = set(), Counter(), 0, Counter()

    def complain(self, where, field, what, entry):
        for at, deviation in enumerate(self.deviations):
            if re.search(deviation["operation"], where) and re.fullmatch(deviation["field"], field) and deviation["what"] == what.split(":")[0]:
                self.needed.add(at)
                return
        self.wrong.setdefault((where, field, what), f"{entry['suite']} {entry['test']}")

    def answer(self, entry):
        """Judges one answer; answers the operation it was a good answer of, if it was."""
        product, path = where_of(entry["url"])
        if entry["status"] >= 400:
            return self.error(entry)
        found = self.description.find(product, entry["method"], path)
        if found is None:
            return self.complain(f"{entry['method']} {path}", "", "not described", entry)
        where = f"{entry['method']} {product}{found.path}"
        query = [name for name, _ in parse_qsl(urlsplit(entry["url"]).query, keep_blank_values=True)]
        self.parameters[where] = len(found.parameters)
        self.unsent.setdefault(where, set(found.parameters)).difference_update(entry["sent"], query)
        self.seen.add(where)
        self.answers[entry["suite"]] += 1
        self.body(found, where, entry)
        return where

    def body(self, operation, where, entry):
        described = operation.responses.get(str(entry["status"]))
        content = (described or {}).get("content", {}).get("application/json")
        if described is None:
            self.complain(where, "", f"status: {entry['status']} is not described", entry)
        elif content is None:
            if entry["body"]:
                self.complain(where, "", "body: none is described", entry)
        elif not entry["headers"].get("content-type", "").startswith("application/json"):
            self.complain(where, "", "type: it is no JSON", entry)
        else:
            self.value(operation.schemas, content["schema"], json.loads(entry["body"]), where, "", entry)

    def error(self, entry):
        body = json.loads(entry["body"])
        self.errors[body.get("code")] += 1
        shape = {"code": int, "message": str, "more_info": str, "status": int}
        wrong = [name for name, kind in shape.items() if not isinstance(body.get(name), kind)]
        wrong += [name for name in body if name not in shape and name not in ("detail", "details")]
        for name in wrong:
            self.complain("an error", name, "type: not as the SDKs read it", entry)
        if not wrong and (body["status"], body["more_info"]) != (entry["status"], f"https://www.twilio.com/docs/errors/{body['code']}"):
            self.complain("an error", "status", "type: status or more_info are another's", entry)

    def value(self, schemas, schema, value, where, field, entry):
        while "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        if field:
            self.fields += 1
        if value is None:
            if not schema.get("nullable"):
                self.complain(where, field, "null", entry)
            return
        kind = schema.get("type")
        if kind and not TYPES[kind](value):
            self.complain(where, field, f"type: {type(value).__name__} for {kind}", entry)
            return
        if isinstance(value, str):
            self.text(schema, value, where, field, entry)
        elif isinstance(value, list) and "items" in schema:
            for item in value:
                self.value(schemas, schema["items"], item, where, field + "[]", entry)
        elif isinstance(value, dict) and "properties" in schema:
            for name in schema["properties"].keys() - value.keys():
                self.complain(where, f"{field}.{name}".lstrip("."), "missing", entry)
            for name, inner in value.items():
                below = f"{field}.{name}".lstrip(".")
                if name in schema["properties"]:
                    self.value(schemas, schema["properties"][name], inner, where, below, entry)
                else:
                    self.complain(where, below, "extra", entry)
        elif isinstance(value, dict) and schema.get("format") == "uri-map":
            for name, inner in value.items():
                if not isinstance(inner, str):
                    self.complain(where, f"{field}.{name}", "type: no URI", entry)

    def text(self, schema, value, where, field, entry):
        if "enum" in schema and value not in schema["enum"]:
            self.complain(where, field, f"enum: {value!r}", entry)
        if "pattern" in schema and not re.search(schema["pattern"], value):
            self.complain(where, field, f"pattern: {value!r} is not {schema['pattern']}", entry)
        form = FORMATS.get(schema.get("format"))
        if form and not form(value):
            self.complain(where, field, f"format: {value!r} is no {schema['format']}", entry)


def where_of(url):
    """The product and Twilio's path of a URL, of Twilio's or the sandbox's."""
    parts = urlsplit(url)
    if parts.hostname.endswith(".twilio.com"):
        return parts.hostname.split(".")[0], parts.path
    _, product, rest = parts.path.split("/", 2)
    return product, "/" + rest


def main(directory, recorded):
    here = Path(__file__).parent
    deviations = json.loads((here / "deviations.json").read_text(encoding="utf-8"))
    operations = json.loads((here / "operations.json").read_text(encoding="utf-8"))
    judge = Judge(Description(Path(directory)), deviations)
    by_suite = {}
    for line in Path(recorded).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        where = judge.answer(entry)
        if where:
            by_suite.setdefault(entry["suite"], set()).add(where)
    faults = [f"{where} {field or '(answer)'}: {what}   first in {test}" for (where, field, what), test in sorted(judge.wrong.items())]
    for suite, seen in sorted(by_suite.items()):
        faults += [f"{operation}: no good answer in the {suite} suite" for operation in operations if operation not in seen]
        faults += [f"{operation}: answered, but operations.json does not list it" for operation in sorted(seen - set(operations))]
    # Lists that never have a second page cannot show these.
    paging = {"Page", "PageToken"}
    faults += [f"{where} {name}: no suite sent it" for where, names in judge.unsent.items() for name in sorted(names - paging)]
    faults += [f"deviation {deviations[at]} was not needed" for at in range(len(deviations)) if at not in judge.needed]
    answers = ", ".join(f"{count} by {suite}" for suite, count in sorted(judge.answers.items()))
    print(
        f"description: {len(judge.seen)} operations, {sum(judge.parameters.values())} parameters, {sum(judge.answers.values())} answers ({answers}), "
        f"{judge.fields} fields checked, {sum(judge.errors.values())} errors of {len(judge.errors)} codes, {len(deviations)} deviations, {len(faults)} faults"
    )
    for fault in faults:
        print("  " + fault)
    return 1 if faults or not judge.fields else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
