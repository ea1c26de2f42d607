"use strict";
// Faults on purpose, as the SDK sees them: errors of Twilio's, errors of the transport, bad webhooks.

const assert = require("node:assert/strict");
const { RestException } = require("twilio");
const { statuses } = require("./receiver.js");
const { judges, refused, signed, world, MARIA, NUMBER } = require("./world.js");

const match = { product: "api", method: "POST", path: "/Messages.json" };
const all = () => world.client.messages.list();

judges("faults", "fault", "429 with its headers", async ({ world }) => {
  await world.fault({ match, action: { status: 429 } });
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const data = { To: MARIA, From: NUMBER, Body: "x" };
  const answer = await world.client.request({ method: "post", uri: world.path("Messages"), data, headers });
  assert.equal(answer.statusCode, 429);
  assert.ok(Number(answer.headers["retry-after"]) >= 1 && answer.headers["twilio-concurrent-requests"]);
  await world.fault({ match, action: { status: 429 } });
  const error = await refused(() => world.send());
  assert.ok(error instanceof RestException);
  assert.deepEqual([error.status, error.code, error.message], [429, 20429, "Too Many Requests"]);
  assert.deepEqual(await all(), []);
});

judges("faults", "fault", "429 goes away for a client that tries again", async ({ world }) => {
  await world.fault({ match, action: { status: 429 }, times: 2 });
  const options = { autoRetry: true, maxRetries: 3, maxRetryDelay: 50 };
  const patient = world.clientAs(world.account, world.token, world.account, options);
  const sent = await patient.messages.create({ to: MARIA, from: NUMBER, body: "Once" });
  assert.equal(sent.status, "queued");
  assert.equal((await all()).length, 1);
});

for (const status of [500, 502, 503]) {
  judges("faults", "fault", `a ${status}`, async ({ world }) => {
    await world.fault({ match, action: { status }, times: 2 });
    for (let n = 0; n < 2; n++) {
      const error = await refused(() => world.send());
      assert.ok(error instanceof RestException);
      assert.deepEqual([error.status, error.code], [status, 20500]);
    }
    assert.equal((await world.send()).status, "queued");
    assert.equal((await all()).length, 1);
  });
}

for (const [code, status] of [[21610, 400], [21611, 400], [20404, 404], [20003, 401], [20429, 429]]) {
  judges("faults", "fault", `the code ${code}`, async ({ world }) => {
    await world.fault({ match, action: { code } });
    const error = await refused(() => world.send());
    assert.deepEqual([error.status, error.code], [status, code]);
  });
}

judges("faults", "fault", "only what matches", async ({ world }) => {
  await world.fault({ match: { method: "GET", path: "/Accounts/*/Messages" }, action: { status: 503 } });
  const { sid } = await world.send();
  assert.equal((await refused(() => world.client.messages(sid).fetch())).status, 503);
  assert.equal((await world.client.messages(sid).fetch()).sid, sid);
});

judges("faults", "fault", "a slow answer comes", async ({ world }) => {
  await world.fault({ match, action: { delayMs: 400 } });
  const begun = performance.now();
  await world.send();
  assert.ok(performance.now() - begun >= 399);
});

judges("faults", "fault", "too slow is an error of the transport, and sends once", async ({ world }) => {
  await world.fault({ match, action: { delayMs: 1_000 } });
  const hasty = world.clientAs(world.account, world.token, world.account, { timeout: 200 });
  const error = await refused(() => hasty.messages.create({ to: MARIA, from: NUMBER, body: "x" }));
  assert.ok(!(error instanceof RestException) && error.code === "ECONNABORTED", String(error));
  let found = [];
  for (let n = 0; n < 100 && !found.length; n++) {
    await new Promise((later) => setTimeout(later, 50));
    found = await all();
  }
  assert.equal(found.length, 1);
});

judges("faults", "fault", "cut off after it was accepted", async ({ world }) => {
  await world.fault({ match, action: { dropAfterAccept: true } });
  const error = await refused(() => world.send({ body: "Once" }));
  assert.ok(!(error instanceof RestException) && error.code === "ECONNRESET", String(error));
  assert.deepEqual((await all()).map((one) => one.body), ["Once"]);
});

judges("faults", "fault", "cut off before anything was done", async ({ world }) => {
  await world.fault({ match, action: { reset: true } });
  const error = await refused(() => world.send());
  assert.ok(!(error instanceof RestException) && error.code === "ECONNRESET", String(error));
  assert.deepEqual(await all(), []);
});

for (const [webhook, told] of [
  [{ duplicate: true }, ["sent", "sent", "delivered"]],
  [{ reorder: true }, ["delivered", "sent"]],
  [{ drop: true }, ["delivered"]],
]) {
  judges("faults", "webhook", JSON.stringify(webhook), async ({ world, receiver }) => {
    await world.fault({ webhook });
    const { sid } = await world.send({ statusCallback: receiver.url("/status") });
    await world.advance(10);
    const hooks = receiver.take("/status");
    assert.deepEqual(statuses(hooks), told);
    assert.ok(hooks.every((hook) => signed(hook)));
    assert.equal(new Set(hooks.map((hook) => hook.token)).size, new Set(told).size);
    assert.equal((await world.client.messages(sid).fetch()).status, "delivered");
  });
}

judges("faults", "webhook", "late", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/sms") });
  await world.fault({ webhook: { delayMs: 400 } });
  const begun = performance.now();
  await world.text(MARIA, NUMBER, "Hi");
  assert.ok(performance.now() - begun >= 399 && signed(receiver.take("/sms")[0]));
});
