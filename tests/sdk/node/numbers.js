"use strict";
// Phone numbers: on offer, bought, configured, released.

const assert = require("node:assert/strict");
const { judges, pages, refused, NUMBER, SPARE } = require("./world.js");

judges("available", "good", "countries", async ({ world }) => {
  const [country] = await world.client.availablePhoneNumbers.list();
  assert.deepEqual([country.countryCode, country.country], ["US", "United States"]);
  assert.equal((await world.client.availablePhoneNumbers("US").fetch()).country, "United States");
});

for (const [filters, holds] of [
  [{ areaCode: 510 }, (one) => one.phoneNumber.startsWith("+1510")],
  [{ contains: "5105550***" }, (one) => one.phoneNumber.startsWith("+15105550")],
  [{ inRegion: "CA" }, (one) => one.region === "CA"],
  [{ inLocality: "Oakland" }, (one) => one.locality === "Oakland"],
  [{ inPostalCode: "94607" }, (one) => one.postalCode === "94607"],
  [{ inRateCenter: "OAKLAND" }, (one) => one.rateCenter === "OAKLAND"],
  [{ inLata: "834" }, (one) => one.locality === "Honolulu"],
  [{ nearNumber: "+15105550100", distance: 20 }, (one) => ["Oakland", "San Francisco"].includes(one.locality)],
  [{ nearLatLong: "40.7,-74.0", distance: 10 }, (one) => one.locality === "New York"],
  [{ smsEnabled: true, mmsEnabled: true, voiceEnabled: true }, (one) => one.capabilities.SMS],
  [{ excludeAllAddressRequired: true, beta: false }, (one) => one.addressRequirements === "none"],
]) {
  judges("available", "good", `by ${Object.keys(filters)}`, async ({ world }) => {
    const found = await world.client.availablePhoneNumbers("US").local.list({ limit: 60, ...filters });
    assert.ok(found.length > 0 && found.every(holds));
  });
}

judges("available", "good", "what nobody offers", async ({ world }) => {
  const { local } = world.client.availablePhoneNumbers("US");
  for (const filters of [{ faxEnabled: true }, { inRegion: "ZZ" }, { contains: "0000000" }, { inLata: "999" }]) {
    assert.deepEqual(await local.list(filters), []);
  }
});

for (const kind of ["tollFree", "mobile", "national", "voip", "sharedCost", "machineToMachine"]) {
  judges("available", "good", kind, async ({ world }) => {
    const found = await world.client.availablePhoneNumbers("US")[kind].list({ limit: 5 });
    assert.equal(found.length > 0, kind === "tollFree");
    assert.ok(found.every((one) => /^\+18(00|33|44|88)/.test(one.phoneNumber)));
  });
}

for (const [filters, code] of [
  [{ areaCode: 51 }, 21451], [{ nearLatLong: "here" }, 20001], [{ nearNumber: "+49" }, 20001],
  [{ nearNumber: "+15105550100", distance: 501 }, 20001],
]) {
  judges("available", "refused", JSON.stringify(filters), async ({ world }) => {
    const error = await refused(() => world.client.availablePhoneNumbers("US").local.list(filters));
    assert.deepEqual([error.status, error.code], [400, code]);
  });
}

judges("available", "paging", "a page is as long as asked", async ({ world }) => {
  const page = await world.client.availablePhoneNumbers("US").local.page({ pageSize: 3 });
  assert.equal(new Set(page.instances.map((one) => one.phoneNumber)).size, 3);
});

judges("numbers", "good", "buy, configure, release", async ({ world }) => {
  const numbers = world.client.incomingPhoneNumbers;
  const [{ phoneNumber }] = await world.client.availablePhoneNumbers("US").local.list({ areaCode: 510, limit: 1 });
  const bought = await numbers.create({ phoneNumber, friendlyName: "Front desk" });
  assert.deepEqual([bought.phoneNumber, bought.friendlyName, bought.smsUrl], [phoneNumber, "Front desk", ""]);
  assert.deepEqual([bought.capabilities.sms, bought.capabilities.mms, bought.type], [true, true, "local"]);
  const given = {
    smsUrl: "https://desk.example/sms", smsMethod: "GET", smsFallbackUrl: "https://desk.example/late",
    smsFallbackMethod: "GET", statusCallback: "https://desk.example/status", statusCallbackMethod: "GET",
    voiceUrl: "https://desk.example/voice", voiceMethod: "GET", voiceCallerIdLookup: true, friendlyName: "Desk",
    voiceFallbackUrl: "https://desk.example/voice-late", voiceFallbackMethod: "GET", emergencyStatus: "Inactive",
  };
  const set = await numbers(bought.sid).update(given);
  for (const [name, value] of Object.entries(given)) assert.equal(set[name], value, name);
  assert.equal((await numbers(bought.sid).fetch()).smsUrl, given.smsUrl);
  assert.equal((await numbers(bought.sid).update({ smsUrl: "" })).smsUrl, "");
  assert.equal(await numbers(bought.sid).remove(), true);
  assert.equal((await refused(() => numbers(bought.sid).fetch())).code, 20404);
});

judges("numbers", "good", "buy by kind and by area", async ({ world }) => {
  const numbers = world.client.incomingPhoneNumbers;
  const offers = world.client.availablePhoneNumbers("US");
  const [free] = await offers.tollFree.list({ limit: 1 });
  const [local] = await offers.local.list({ areaCode: 212, limit: 1 });
  assert.equal((await numbers.tollFree.create({ phoneNumber: free.phoneNumber })).phoneNumber, free.phoneNumber);
  assert.equal((await numbers.local.create({ phoneNumber: local.phoneNumber })).phoneNumber, local.phoneNumber);
  assert.match((await numbers.create({ areaCode: "510" })).phoneNumber, /^\+1510/);
  assert.deepEqual((await numbers.tollFree.list()).map((one) => one.phoneNumber), [free.phoneNumber]);
  assert.ok((await numbers.local.list()).some((one) => one.phoneNumber === local.phoneNumber));
  assert.deepEqual(await numbers.mobile.list(), []);
});

judges("numbers", "good", "list by every filter", async ({ world }) => {
  const numbers = world.client.incomingPhoneNumbers;
  await world.configure({ friendlyName: "Spare" }, SPARE);
  const found = async (filters) => (await numbers.list(filters)).map((one) => one.phoneNumber);
  assert.deepEqual(await found({ friendlyName: "Spare" }), [SPARE]);
  assert.deepEqual(await found({ phoneNumber: "5550100" }), [NUMBER]);
  assert.deepEqual(await found({ phoneNumber: "+1415555019*" }), [SPARE]);
  assert.equal((await found({ beta: false, origin: "twilio" })).length, 2);
  assert.deepEqual(await found({ origin: "hosted" }), []);
});

judges("numbers", "paging", "pages", async ({ world }) => {
  const made = [];
  for (let n = 0; n < 4; n++) made.unshift((await world.client.incomingPhoneNumbers.create({ areaCode: "510" })).sid);
  const read = await pages(await world.client.incomingPhoneNumbers.page({ pageSize: 4 }), (one) => one.sid);
  assert.deepEqual(read[0], made);
  assert.equal(new Set(read.flat()).size, 6);
});
