"use strict";
// Prices by country: of messages, of numbers, of calls.

const assert = require("node:assert/strict");
const { judges, refused, world, MARIA, NUMBER } = require("./world.js");

// The SDK gives some of these in its own spelling, and others as they came.
const field = (one, camel, snake) => one[camel] ?? one[snake];
const kind = (price) => field(price, "numberType", "number_type");
const byKind = (prices) => Object.fromEntries(prices.map((one) => [kind(one), field(one, "currentPrice", "current_price")]));
const has = async (countries, iso) => (await countries.list({ pageSize: 20 })).some((one) => one.isoCountry === iso);

judges("pricing", "good", "messages", async () => {
  const { countries } = world.client.pricing.v1.messaging;
  assert.ok(await has(countries, "GB"));
  const found = await countries("US").fetch();
  assert.deepEqual([found.country, found.priceUnit], ["United States", "USD"]);
  assert.equal(byKind(found.outboundSmsPrices[0].prices).local, "0.0083");
  const { sid } = await world.send();
  await world.advance(5);
  assert.equal(Number((await world.client.messages(sid).fetch()).price), -Number(byKind(found.outboundSmsPrices[0].prices).local));
});

judges("pricing", "good", "numbers", async () => {
  const { countries } = world.client.pricing.v1.phoneNumbers;
  assert.ok(await has(countries, "US"));
  assert.equal(byKind((await countries("US").fetch()).phoneNumberPrices).local, "1.15");
});

judges("pricing", "good", "calls", async () => {
  const { countries, numbers } = world.client.pricing.v1.voice;
  assert.ok(await has(countries, "US"));
  assert.deepEqual((await countries("US").fetch()).outboundPrefixPrices[0].prefixes, ["1"]);
  assert.equal((await numbers(MARIA).fetch()).inboundCallPrice, null);
  assert.equal(kind((await numbers(NUMBER).fetch()).inboundCallPrice), "local");
});

judges("pricing", "good", "calls by origin, and trunks", async () => {
  const { v2 } = world.client.pricing;
  assert.ok((await has(v2.voice.countries, "GB")) && (await has(v2.countries, "GB")));
  assert.deepEqual(field((await v2.voice.countries("GB").fetch()).outboundPrefixPrices[0], "destinationPrefixes", "destination_prefixes"), ["44"]);
  assert.deepEqual(field((await v2.countries("GB").fetch()).terminatingPrefixPrices[0], "originationPrefixes", "origination_prefixes"), ["ALL"]);
  const call = await v2.voice.numbers(NUMBER).fetch({ originationNumber: MARIA });
  assert.deepEqual([call.originationNumber, field(call.outboundCallPrices[0], "basePrice", "base_price")], [MARIA, "0.0140"]);
  assert.equal(kind((await v2.numbers(NUMBER).fetch()).originatingCallPrice), "local");
});

judges("pricing", "refused", "what has no price", async () => {
  const { v1, v2 } = world.client.pricing;
  for (const one of [v1.messaging.countries("XX"), v1.voice.numbers("hello"), v2.numbers("hello")]) {
    assert.equal((await refused(() => one.fetch())).status, 404);
  }
});
