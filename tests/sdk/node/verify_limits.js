"use strict";
// What stands around verifications: rate limits, senders, the safe list, webhooks, attempts and their sum.

const assert = require("node:assert/strict");
const { judges, pages, refused, world, KIM, LEE, MARIA, NUMBER } = require("./world.js");

const start = (service, more = {}) => service.verifications.create({ to: MARIA, channel: "sms", ...more });

judges("rate limits", "good", "limits and buckets", async ({ world }) => {
  const { rateLimits } = await world.bank();
  const limit = await rateLimits.create({ uniqueName: "end_user_ip", description: "By address" });
  assert.equal((await rateLimits(limit.sid).fetch()).uniqueName, "end_user_ip");
  assert.equal((await rateLimits(limit.sid).update({ description: "Other" })).description, "Other");
  const { buckets } = rateLimits(limit.sid);
  const bucket = await buckets.create({ max: 4, interval: 60 });
  assert.deepEqual([bucket.max, bucket.interval, bucket.rateLimitSid], [4, 60, limit.sid]);
  assert.equal((await buckets(bucket.sid).update({ max: 5 })).max, 5);
  assert.equal((await buckets(bucket.sid).fetch()).interval, 60);
  assert.equal((await buckets.list()).length, 1);
  assert.equal(await buckets(bucket.sid).remove(), true);
  assert.deepEqual((await rateLimits.list()).map((one) => one.sid), [limit.sid]);
  assert.equal(await rateLimits(limit.sid).remove(), true);
});

judges("rate limits", "lifecycle", "a limit counts by value and forgets", async ({ world }) => {
  const service = await world.bank();
  const limit = await service.rateLimits.create({ uniqueName: "ip" });
  await service.rateLimits(limit.sid).buckets.create({ max: 1, interval: 60 });
  const from = (to, ip) => start(service, { to, rateLimits: JSON.stringify({ ip }) });
  await from(MARIA, "203.0.113.7");
  const error = await refused(() => from(KIM, "203.0.113.7"));
  assert.deepEqual([error.status, error.code, error.message], [429, 20429, "Too many requests"]);
  assert.equal((await from(KIM, "203.0.113.8")).status, "pending");
  await world.advance(61);
  assert.equal((await from(LEE, "203.0.113.7")).status, "pending");
});

judges("configurations", "good", "a country has its sender", async ({ world }) => {
  const messaging = await world.service([NUMBER]), other = await world.service();
  const service = await world.bank();
  const { messagingConfigurations } = service;
  const made = await messagingConfigurations.create({ country: "US", messagingServiceSid: other.sid });
  assert.equal((await messagingConfigurations("US").fetch()).messagingServiceSid, made.messagingServiceSid);
  await messagingConfigurations("US").update({ messagingServiceSid: messaging.sid });
  await start(service);
  await world.advance(5);
  assert.equal((await world.phone(MARIA)).at(-1).from, NUMBER);
  assert.deepEqual((await messagingConfigurations.list()).map((one) => one.country), ["US"]);
  assert.equal(await messagingConfigurations("US").remove(), true);
});

judges("configurations", "paging", "pages", async ({ world }) => {
  const messagingServiceSid = (await world.service()).sid;
  const { messagingConfigurations } = await world.bank();
  for (const country of ["US", "DE", "all"]) await messagingConfigurations.create({ country, messagingServiceSid });
  const read = await pages(await messagingConfigurations.page({ pageSize: 2 }), (one) => one.country);
  assert.deepEqual(read, [["all", "DE"], ["US"]]);
});

judges("safelist", "good", "a safe number passes Fraud Guard", async ({ world }) => {
  const service = await world.bank(), to = "+88213000001";
  const { safelist } = world.client.verify.v2;
  assert.equal((await refused(() => start(service, { to }))).code, 60410);
  const made = await safelist.create({ phoneNumber: to });
  assert.equal((await safelist(to).fetch()).sid, made.sid);
  assert.equal((await start(service, { to })).status, "pending");
  assert.equal(await safelist(to).remove(), true);
});

judges("verify webhooks", "good", "webhooks", async ({ world }) => {
  const { webhooks } = await world.bank();
  const made = await webhooks.create({ friendlyName: "All", eventTypes: ["*"], webhookUrl: "https://desk.example/v" });
  assert.deepEqual([made.status, made.version, made.webhookMethod], ["enabled", "v2", "POST"]);
  assert.equal((await webhooks(made.sid).update({ status: "disabled" })).status, "disabled");
  assert.equal((await webhooks(made.sid).fetch()).webhookUrl, "https://desk.example/v");
  assert.deepEqual((await webhooks.list()).map((one) => one.sid), [made.sid]);
  assert.equal(await webhooks(made.sid).remove(), true);
});

judges("attempts", "good", "attempts and their sum", async ({ world }) => {
  const service = await world.bank();
  const { verificationAttempts, verificationAttemptsSummary } = world.client.verify.v2;
  await start(service);
  await world.advance(10);
  const sent = await start(service);
  await world.advance(10);
  await service.verificationChecks.create({ to: MARIA, code: await world.code() });
  await start(service, { to: "kim@example.com", channel: "email" });
  await start(service, { to: KIM, channel: "call" });
  await world.advance(30);
  const [last, first] = await verificationAttempts.list({ verificationSid: sent.sid });
  assert.deepEqual([last.conversionStatus, first.conversionStatus], ["converted", "unconverted"]);
  assert.deepEqual(last.price, { value: "0.0083", currency: "usd" });
  const { channelData } = await verificationAttempts(last.sid).fetch();
  assert.deepEqual([channelData.status, channelData.message_status, channelData.code_length], ["confirmed", "delivered", 6]);
  const [call] = await verificationAttempts.list({ channel: "call" });
  assert.equal(call.channelData.call_status, "completed");
  assert.equal((await verificationAttempts.list({ status: "unconverted" })).length, 3);
  const sum = await verificationAttemptsSummary().fetch({ verifyServiceSid: (await service.fetch()).sid });
  assert.deepEqual([sum.totalAttempts, sum.totalConverted, sum.totalUnconverted], [3, 1, 2]);
  assert.equal(sum.conversionRatePercentage, "33.333333333");
});

judges("attempts", "paging", "pages", async ({ world }) => {
  const service = await world.bank();
  for (let n = 0; n < 5; n++) await start(service);
  const read = await pages(await world.client.verify.v2.verificationAttempts.page({ pageSize: 2 }), (one) => one.sid);
  assert.deepEqual([read.map((page) => page.length), new Set(read.flat()).size], [[2, 2, 1], 5]);
});
