"use strict";
// Fourteen behaviours of Twilio's that fakes of it get wrong.

const assert = require("node:assert/strict");
const { statuses } = require("./receiver.js");
const { judges, refused, signed, world, wrong, KIM, MARIA, NUMBER } = require("./world.js");

const start = (service, more = {}) => service.verifications.create({ to: MARIA, channel: "sms", ...more });
const check = (service, code) => service.verificationChecks.create({ to: MARIA, code });

async function sent() {
  const service = await world.bank();
  const verification = await start(service);
  await world.advance(5);
  return { service, verification, code: await world.code() };
}

const is = (error, status, code) => assert.deepEqual([error.status, error.code], [status, code]);

judges("truths", "lifecycle", "truth 01 a check after approval is 404", async () => {
  const { service, code } = await sent();
  assert.equal((await check(service, code)).status, "approved");
  is(await refused(() => check(service, code)), 404, 20404);
});

judges("truths", "lifecycle", "truth 02 five wrong codes and then 429", async () => {
  const { service, verification, code } = await sent();
  for (let n = 0; n < 5; n++) assert.equal((await check(service, wrong(code))).status, "pending");
  is(await refused(() => check(service, code)), 429, 60202);
  assert.equal((await service.verifications(verification.sid).fetch()).status, "max_attempts_reached");
  await world.advance(600);
  is(await refused(() => check(service, code)), 404, 20404);
});

judges("truths", "lifecycle", "truth 03 the sixth send is 429", async () => {
  const { service } = await sent();
  for (let n = 0; n < 4; n++) await start(service);
  is(await refused(() => start(service)), 429, 60203);
  await world.advance(600);
  assert.equal((await start(service)).status, "pending");
});

judges("truths", "lifecycle", "truth 04 a resend has the same SID and code", async () => {
  const { service, verification, code } = await sent();
  const again = await start(service);
  assert.deepEqual([again.sid, again.sendCodeAttempts.length], [verification.sid, 2]);
  await world.advance(5);
  assert.equal(await world.code(), code);
});

judges("truths", "lifecycle", "truth 05 ten minutes and then 404", async () => {
  const { service, verification, code } = await sent();
  await world.advance(594);
  assert.equal((await service.verifications(verification.sid).fetch()).status, "pending");
  await world.advance(1);
  is(await refused(() => service.verifications(verification.sid).fetch()), 404, 20404);
  is(await refused(() => check(service, code)), 404, 20404);
});

judges("truths", "good", "truth 06 no answer has the code", async () => {
  const { service, verification, code } = await sent();
  const [{ attempt_sid: attempt }] = verification.sendCodeAttempts;
  const answers = [
    verification,
    await service.verifications(verification.sid).fetch(),
    await start(service),
    await world.client.verify.v2.verificationAttempts(attempt).fetch(),
    await check(service, code),
  ];
  for (const answer of answers) assert.doesNotMatch(JSON.stringify(answer), new RegExp(`\\b${code}\\b`));
});

judges("truths", "good", "truth 07 codes are no constant", async () => {
  const service = await world.bank(), codes = new Set();
  for (let n = 0; n < 8; n++) {
    await start(service, { to: `+1415555016${n}` });
    await world.advance(5);
    codes.add(await world.code(`+1415555016${n}`));
  }
  assert.ok(codes.size > 1 && [...codes].every((code) => code.length === 6));
});

judges("truths", "refused", "truth 08 a body has 1600 characters", async () => {
  is(await refused(() => world.send({ body: "a".repeat(1601) })), 400, 21617);
});

judges("truths", "good", "truth 09 parts are counted as carriers do", async () => {
  for (const [body, parts] of [["€".repeat(80), 1], ["€".repeat(81), 2], ["a".repeat(306), 2], ["a".repeat(307), 3], ["ü你".repeat(68), 3]]) {
    assert.equal((await world.send({ body })).numSegments, String(parts));
  }
});

judges("truths", "lifecycle", "truth 10 STOP is answered and kept", async () => {
  await world.text(MARIA, NUMBER, "STOP");
  await world.advance(5);
  assert.match((await world.phone(MARIA)).at(-1).body, /unsubscribed/);
  is(await refused(() => world.send()), 400, 21610);
});

judges("truths", "webhook", "truth 11 a message goes its way by itself", async ({ receiver }) => {
  const first = await world.send({ statusCallback: receiver.url("/status") });
  await world.advance(5);
  assert.deepEqual(statuses(receiver.take("/status"), first.sid), ["sent", "delivered"]);
  await world.fault({ webhook: { reorder: true }, times: 1 });
  const second = await world.send({ to: KIM, statusCallback: receiver.url("/status") });
  await world.advance(5);
  assert.deepEqual(statuses(receiver.take("/status"), second.sid), ["delivered", "sent"]);
});

judges("truths", "webhook", "truth 12 a text to a pooled number names the service", async ({ receiver }) => {
  const service = await world.service([NUMBER], { inboundRequestUrl: receiver.url("/in") });
  await world.text(MARIA, NUMBER, "Hi");
  assert.deepEqual(receiver.take("/in").map((hook) => hook.params.MessagingServiceSid), [service.sid]);
});

judges("truths", "webhook", "truth 13 a GET webhook is signed with its query", async ({ receiver }) => {
  await world.configure({ smsUrl: receiver.url("/in?a=1"), smsMethod: "GET" });
  await world.text(MARIA, NUMBER, "Hi");
  const [hook] = receiver.take("/in");
  assert.ok(hook.method === "GET" && signed(hook) && hook.url.includes("Body=Hi"));
});

judges("truths", "lifecycle", "truth 14 price and date come later", async () => {
  const message = await world.send();
  assert.deepEqual([message.price, message.dateSent], [null, null]);
  await world.advance(5);
  const done = await world.client.messages(message.sid).fetch();
  assert.ok(done.price === "-0.00830" && done.dateSent instanceof Date);
});
