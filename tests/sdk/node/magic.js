"use strict";
// Test credentials: magic numbers, nothing kept, nothing sent.

const assert = require("node:assert/strict");
const { judges, refused, world, ABSENT, MARIA, NUMBER } = require("./world.js");

const GOOD = "+15005550006";

async function magic() {
  const { testAccountSid, testAuthToken } = await world.control("GET", "state");
  return world.clientAs(testAccountSid, testAuthToken, testAccountSid);
}

judges("test credentials", "good", "a message that goes nowhere", async ({ world, receiver }) => {
  const client = await magic();
  const sent = await client.messages.create({ to: MARIA, from: GOOD, body: "Hi", statusCallback: receiver.url("/status") });
  assert.deepEqual([sent.status, sent.from, sent.to], ["queued", GOOD, MARIA]);
  await world.advance(60);
  assert.deepEqual([await world.phone(MARIA), receiver.take()], [[], []]);
});

for (const [from, to, code, words] of [
  ["+15005550001", MARIA, 21212, "The 'From' number +15005550001 is not a valid phone number, shortcode, or alphanumeric sender ID."],
  ["+15005550007", MARIA, 21606, "The From phone number +15005550007 is not a valid, SMS-capable inbound phone number or short code for your account."],
  ["+15005550008", MARIA, 21611, "This 'From' number has exceeded the maximum number of queued messages"],
  [NUMBER, MARIA, 21606, `The From phone number ${NUMBER} is not a valid, SMS-capable inbound phone number or short code for your account.`],
  [GOOD, "+15005550001", 21211, "The 'To' number +15005550001 is not a valid phone number."],
  [GOOD, "+15005550002", 21612, "The 'To' phone number +15005550002 is not currently reachable via SMS"],
  [GOOD, "+15005550003", 21408, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: +15005550003"],
  [GOOD, "+15005550004", 21610, "Attempt to send to unsubscribed recipient"],
  [GOOD, "+15005550009", 21614, "'To' number +15005550009 is not a valid mobile number"],
]) {
  judges("test credentials", "refused", `${from} to ${to}`, async () => {
    const client = await magic();
    const error = await refused(() => client.messages.create({ to, from, body: "Hi" }));
    assert.deepEqual([error.status, error.code, error.message], [400, code, words]);
  });
}

for (const given of [{ phoneNumber: GOOD }, { areaCode: "500" }]) {
  judges("test credentials", "good", `a number that is not bought, ${Object.keys(given)}`, async ({ world }) => {
    const client = await magic();
    assert.equal((await client.incomingPhoneNumbers.create(given)).phoneNumber, GOOD);
    assert.deepEqual(await world.client.incomingPhoneNumbers.list({ phoneNumber: GOOD }), []);
  });
}

for (const [given, code] of [
  [{ phoneNumber: "+15005550000" }, 21422], [{ phoneNumber: "+15005550001" }, 21421],
  [{ areaCode: "533" }, 21452],
]) {
  judges("test credentials", "refused", `to buy ${Object.values(given)}`, async () => {
    const client = await magic();
    const error = await refused(() => client.incomingPhoneNumbers.create(given));
    assert.deepEqual([error.status, error.code], [400, code]);
  });
}

judges("test credentials", "refused", "nothing else is allowed", async () => {
  const client = await magic();
  for (const call of [
    () => client.messages("SM" + ABSENT).fetch(), () => client.balance.fetch(), () => client.messages.list(),
    () => client.messaging.v1.services.list(), () => client.newKeys.create(),
  ]) {
    const error = await refused(call);
    assert.deepEqual([error.status, error.code], [403, 20008]);
    assert.equal(error.message, "Resource not accessible with Test Account Credentials");
  }
});
