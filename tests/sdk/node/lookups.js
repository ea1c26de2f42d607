"use strict";
// Lookups v2: whether a number can be, whose line it is, how risky.

const assert = require("node:assert/strict");
const { judges, world, MARIA } = require("./world.js");

const look = (number, fields) => world.client.lookups.v2.phoneNumbers(number).fetch(fields ? { fields } : {});

judges("lookups", "good", "a number is known", async () => {
  const found = await look(MARIA);
  assert.deepEqual([found.valid, found.countryCode, found.callingCountryCode], [true, "US", "1"]);
  assert.deepEqual([found.nationalFormat, found.lineTypeIntelligence, found.smsPumpingRisk], ["(415) 555-0123", null, null]);
});

judges("lookups", "good", "what cannot be is no error", async () => {
  for (const [number, error] of [["+1415555", "TOO_SHORT"], ["hello", "NOT_A_NUMBER"], ["+14155550000", "INVALID_BUT_POSSIBLE"]]) {
    const found = await look(number);
    assert.deepEqual([found.valid, found.validationErrors], [false, [error]]);
  }
});

judges("lookups", "good", "kinds of lines", async () => {
  for (const [number, kind] of [[MARIA, "mobile"], ["+14155550001", "landline"], ["+14155550002", "nonFixedVoip"]]) {
    assert.equal((await look(number, "line_type_intelligence")).lineTypeIntelligence.type, kind);
  }
});

judges("lookups", "good", "pumping risk", async () => {
  const score = async (number) => (await look(number, "sms_pumping_risk")).smsPumpingRisk.smsPumpingRiskScore;
  assert.ok((await score(MARIA)) < 40 && (await score("+14155550003")) >= 75);
});
