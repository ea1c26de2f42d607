"use strict";
// Usage: records by category and stretch of days, triggers, the balance, and prices that come late.

const assert = require("node:assert/strict");
const { judges, pages, refused, signed, world, ABSENT, MARIA, NUMBER } = require("./world.js");

const LISTS = ["allTime", "daily", "lastMonth", "monthly", "thisMonth", "today", "yearly", "yesterday"];
const TODAY = new Date("2026-03-02T00:00:00Z");
const { records, triggers } = world.client.usage;
const trigger = (more = {}) =>
  triggers.create({ usageCategory: "sms", triggerValue: "3", callbackUrl: "https://desk.example/usage", ...more });

judges("usage records", "good", "records equal the prices of the messages", async () => {
  await world.send();
  await world.send({ body: "a".repeat(200) });
  await world.text(MARIA, NUMBER, "Hi");
  await world.advance(5);
  const messages = await world.client.messages.list();
  const paid = messages.reduce((sum, { price }) => sum - Math.round(price * 1e5), 0);
  const [found] = await records.today.list({ category: "sms" });
  assert.deepEqual([found.count, found.usage, found.countUnit, found.usageUnit], ["3", "4", "messages", "segments"]);
  assert.equal(Math.round(found.price * 1e5), paid);
  for (const { sid } of messages) await world.client.messages(sid).remove();
  assert.equal((await records.today.list({ category: "sms" }))[0].count, "3");
  const { balance } = await world.client.balance.fetch();
  assert.equal(Math.round((100 - Number(balance)) * 1e5), paid);
});

for (const name of LISTS) {
  judges("usage records", "good", `the list ${name}`, async () => {
    await world.send();
    await world.advance(5);
    const given = { startDate: TODAY, endDate: TODAY, includeSubaccounts: true, pageSize: 10 };
    const found = await records[name].list({ category: "sms-outbound", ...given });
    assert.deepEqual(found.map((one) => one.count), [["lastMonth", "yesterday"].includes(name) ? "0" : "1"]);
  });
}

judges("usage records", "paging", "all categories in pages", async () => {
  const whole = (await records.list({ startDate: TODAY, endDate: TODAY })).map((one) => one.category);
  const read = await pages(await records.page({ pageSize: 40 }), (one) => one.category);
  assert.ok(read.length > 1 && whole.includes("totalprice"));
  assert.deepEqual(read.flat(), whole);
});

judges("usage records", "refused", "a day that is none", async () => {
  assert.equal((await refused(() => records.list({ startDate: "soon" }))).code, 20001);
});

judges("usage triggers", "good", "a trigger from its making to its end", async () => {
  const made = await trigger({ friendlyName: "Many", callbackMethod: "GET", triggerBy: "count", recurring: "daily" });
  assert.deepEqual([made.triggerValue, made.currentValue, made.recurring], ["3", "0", "daily"]);
  const changed = await triggers(made.sid).update({ friendlyName: "More", callbackMethod: "POST" });
  assert.deepEqual([changed.friendlyName, changed.callbackMethod], ["More", "POST"]);
  assert.equal((await triggers(made.sid).fetch()).usageCategory, "sms");
  assert.deepEqual((await triggers.list({ recurring: "daily" })).map((one) => one.sid), [made.sid]);
  assert.ok(await triggers(made.sid).remove());
  assert.equal((await refused(() => triggers(made.sid).fetch())).status, 404);
});

judges("usage triggers", "webhook", "a trigger for a price fires once for all", async ({ receiver }) => {
  const url = receiver.url("/usage");
  const made = await trigger({ usageCategory: "totalprice", triggerBy: "price", triggerValue: "0.016", callbackUrl: url });
  for (let n = 0; n < 3; n++) {
    await world.send();
    await world.advance(120);
  }
  const [hook, ...more] = receiver.take("/usage");
  assert.ok(signed(hook) && more.length === 0);
  assert.deepEqual([hook.params.UsageTriggerSid, hook.params.CurrentValue], [made.sid, "0.0166"]);
  assert.equal(hook.params.IdempotencyToken, hook.token);
});

judges("usage triggers", "refused", "what a trigger may not be", async () => {
  for (const given of [{ triggerValue: "0" }, { usageCategory: "nothing" }, { recurring: "hourly" }, { callbackUrl: "nowhere" }]) {
    assert.equal((await refused(() => trigger(given))).code, 20001);
  }
  assert.equal((await refused(() => triggers("UT" + ABSENT).fetch())).status, 404);
});

judges("usage records", "fault", "prices come late and in another currency", async () => {
  await world.fault({ prices: { delaySeconds: 604_800, unit: "EUR" } });
  const { sid } = await world.send();
  await world.advance(3600);
  const late = await world.client.messages(sid).fetch();
  assert.deepEqual([late.status, late.price], ["delivered", null]);
  await world.advance(604_800);
  const told = await world.client.messages(sid).fetch();
  assert.deepEqual([told.price, told.priceUnit], ["-0.00830", "EUR"]);
});
