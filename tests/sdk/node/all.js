"use strict";
// All suites in one process, one test after the other: they share a sandbox, which each test resets.

const suites = [
  "refusals", "messages", "media", "account", "numbers", "services", "senders", "magic", "webhooks", "opt_out", "faults",
  "verify", "verify_limits", "lookups", "contents", "usage", "pricing", "monitor", "truths",
];
for (const suite of suites) require(`./${suite}.js`);
