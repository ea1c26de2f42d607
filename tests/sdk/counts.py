"""Prints what the suites judged, by resource and by case: counts.py CASES"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

CASES = ["good", "refused", "paging", "lifecycle", "webhook", "fault"]
# Behaviours of Twilio's that fakes of it get wrong; each suite has a check named after each.
TRUTHS = 14


def truths(judged, suites):
    """Prints a line for each truth; answers those that a suite does not confirm."""
    failed = []
    for number in range(1, TRUTHS + 1):
        named = [one for one in judged if re.search(rf"\btruth[ _]{number:02d}[ _]", one["name"].replace("test_", ""))]
        held = {suite: [one["passed"] for one in named if one["suite"] == suite] for suite in suites}
        said = ", ".join(f"{suite} {'holds' if all(passed) and passed else 'FAILS' if passed else 'MISSING'}" for suite, passed in held.items())
        words = next((one["name"] for one in named if one["suite"] == "node"), f"truth {number:02d}")
        print(f"{words}: {said}")
        failed += [f"truth {number:02d} in {suite}" for suite, passed in held.items() if not (passed and all(passed))]
    return failed


def main(path):
    judged = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    suites = sorted({one["suite"] for one in judged})
    counts = Counter((one["suite"], one["resource"], one["case"]) for one in judged)
    unknown = {one["case"] for one in judged} - set(CASES)
    assert not unknown, f"cases without a column: {unknown}"
    line = "{:<18}" + "{:>12}" * (len(CASES) + 1)
    total = lambda resource, case: "+".join(
        str(sum(n for key, n in counts.items() if key[0] == suite and resource in (None, key[1]) and case in (None, key[2])))
        for suite in suites
    )
    print(f"cases, {' + '.join(suites)}:")
    print(line.format("", *CASES, "all"))
    for resource in sorted({one["resource"] for one in judged}):
        shown = [total(resource, case) for case in CASES]
        print(line.format(resource, *["" if set(cell) <= set("0+") else cell for cell in shown], total(resource, None)))
    print(line.format("all", *[total(None, case) for case in CASES], total(None, None)))
    print("truths:")
    missing = truths(judged, suites)
    failed = missing + [f"{one['suite']}: {one['name']}" for one in judged if not one["passed"]]
    for name in failed:
        print(f"FAILED {name}")
    return 1 if failed or not judged else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
