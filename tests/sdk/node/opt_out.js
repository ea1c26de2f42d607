"use strict";
// STOP, START, HELP: what Twilio does by itself, and 21610.

const assert = require("node:assert/strict");
const { judges, refused, signed, KIM, MARIA, NUMBER, SPARE } = require("./world.js");

for (const word of ["STOP", " stop ", "Stopall", "UNSUBSCRIBE", "cancel", "END", "quit", "REVOKE", "OPTOUT"]) {
  judges("opt-out", "lifecycle", JSON.stringify(word), async ({ world, receiver }) => {
    await world.configure({ smsUrl: receiver.url("/sms") });
    await world.text(MARIA, NUMBER, word);
    assert.ok(signed(receiver.take("/sms")[0]));
    await world.advance(10);
    assert.match((await world.phone(MARIA)).at(-1).body, /^You have successfully been unsubscribed\./);
    const error = await refused(() => world.send());
    assert.deepEqual([error.status, error.code, error.message], [400, 21610, "Attempt to send to unsubscribed recipient"]);
    await world.send({ to: KIM });
    await world.send({ from: SPARE });
  });
}

for (const word of ["START", "yes", "UNSTOP"]) {
  judges("opt-out", "lifecycle", word, async ({ world }) => {
    await world.text(MARIA, NUMBER, "STOP");
    await world.text(MARIA, NUMBER, word);
    await world.advance(10);
    assert.match((await world.phone(MARIA)).at(-1).body, /^You have successfully been re-subscribed/);
    await world.send();
  });
}

judges("opt-out", "lifecycle", "HELP, and words that are none", async ({ world }) => {
  await world.text(MARIA, NUMBER, "info");
  await world.advance(10);
  assert.match((await world.phone(MARIA)).at(-1).body, /^Reply STOP to unsubscribe/);
  await world.text(MARIA, NUMBER, "please stop");
  await world.send();
});

judges("opt-out", "lifecycle", "a service is left as a whole", async ({ world }) => {
  const { sid } = await world.service([NUMBER, SPARE]);
  await world.text(MARIA, NUMBER, "STOP");
  assert.equal((await refused(() => world.send({ messagingServiceSid: sid }))).code, 21610);
  assert.equal((await refused(() => world.send({ from: SPARE }))).code, 21610);
  await world.text(MARIA, SPARE, "START");
  assert.equal((await world.send({ messagingServiceSid: sid })).status, "accepted");
});
