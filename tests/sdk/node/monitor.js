"use strict";
// Monitor: alerts for what went wrong, events for who changed what.

const assert = require("node:assert/strict");
const { judges, pages, refused, world, ABSENT, MARIA, NUMBER } = require("./world.js");

const { alerts, events } = world.client.monitor.v1;
const NOON = new Date("2026-03-02T12:00:00Z");

judges("alerts", "lifecycle", "what went wrong is an alert", async ({ receiver }) => {
  await world.configure({ smsUrl: receiver.url("/in") });
  receiver.willAnswer("/in", [500, "text/plain", "out of order"]);
  await world.text(MARIA, NUMBER, "Hi");
  await world.outcome(MARIA, "undelivered", 30005, 1);
  const lost = await world.send();
  await world.advance(5);
  const found = await alerts.list();
  assert.deepEqual(found.map((one) => one.errorCode), ["30005", "11200"]);
  assert.deepEqual([found[0].resourceSid, found[0].logLevel], [lost.sid, "error"]);
  const whole = await alerts(found[1].sid).fetch();
  assert.deepEqual([whole.requestUrl, whole.responseBody], [receiver.url("/in"), "out of order"]);
});

judges("alerts", "paging", "by level and time, and in pages", async () => {
  for (let n = 0; n < 3; n++) await refused(() => world.send({ body: "" }));
  const read = await pages(await alerts.page({ logLevel: "error", startDate: NOON, pageSize: 2 }), (one) => one.errorCode);
  assert.deepEqual(read, [["21602", "21602"], ["21602"]]);
  assert.deepEqual(await alerts.list({ endDate: NOON }), []);
});

judges("alerts", "refused", "an alert that is not there", async () => {
  assert.equal((await refused(() => alerts("NO" + ABSENT).fetch())).status, 404);
});

judges("events", "lifecycle", "what was changed is an event", async () => {
  const { sid } = await world.configure({ friendlyName: "Front desk" });
  const [found] = await events.list({ resourceSid: sid, eventType: "phone-number.updated", startDate: NOON });
  assert.deepEqual(found.eventData, { friendly_name: { previous: "(415) 555-0100", updated: "Front desk" } });
  const again = await events(found.sid).fetch();
  assert.deepEqual([again.actorSid, again.sourceIpAddress], [world.account, "127.0.0.1"]);
  assert.deepEqual(await events.list({ endDate: NOON }), []);
});

judges("events", "refused", "an event that is not there", async () => {
  assert.equal((await refused(() => events("AE" + ABSENT).fetch())).status, 404);
});
