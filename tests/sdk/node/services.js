"use strict";
// Messaging Services, their pools, and which sender a customer sees.

const assert = require("node:assert/strict");
const { statuses } = require("./receiver.js");
const { judges, pages, refused, signed, world, NUMBER, SPARE, MARIA, KIM, LEE } = require("./world.js");

const pool = (service) => world.client.messaging.v1.services(service.sid).phoneNumbers;

judges("services", "good", "create, fetch, update, list, delete", async ({ world }) => {
  const { services } = world.client.messaging.v1;
  const given = {
    friendlyName: "Desk", inboundRequestUrl: "https://desk.example/sms", inboundMethod: "GET",
    fallbackUrl: "https://desk.example/late", fallbackMethod: "GET", statusCallback: "https://desk.example/status",
    stickySender: false, mmsConverter: false, smartEncoding: false, scanMessageContent: "disable",
    fallbackToLongCode: false, areaCodeGeomatch: false, validityPeriod: 600, synchronousValidation: true,
    usecase: "notifications", useInboundWebhookOnNumber: true,
  };
  const made = await services.create(given);
  for (const [name, value] of Object.entries(given)) assert.equal(made[name], value, name);
  assert.equal((await services(made.sid).update({ inboundRequestUrl: "" })).inboundRequestUrl, null);
  assert.equal((await services(made.sid).fetch()).validityPeriod, 600);
  assert.deepEqual((await services.list()).map((one) => one.sid), [made.sid]);
  assert.equal(await services(made.sid).remove(), true);
  assert.equal((await refused(() => services(made.sid).fetch())).code, 20404);
});

judges("services", "good", "defaults and use cases", async ({ world }) => {
  const made = await world.service();
  assert.deepEqual([made.stickySender, made.smartEncoding, made.validityPeriod], [true, true, 36_000]);
  assert.deepEqual([made.usecase, made.inboundMethod, made.scanMessageContent], ["undeclared", "POST", "inherit"]);
  const { usecases } = await world.client.messaging.v1.usecases.fetch();
  assert.ok(usecases.some((one) => one.usecase === "notifications" && one.purpose));
});

judges("services", "paging", "pages with absolute links", async ({ world }) => {
  const made = [];
  for (let n = 0; n < 5; n++) made.unshift((await world.service()).sid);
  const first = await world.client.messaging.v1.services.page({ pageSize: 2 });
  assert.ok(first.nextPageUrl.startsWith(world.base));
  const read = await pages(first, (one) => one.sid);
  assert.deepEqual(read, [made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
  const back = await (await (await first.nextPage()).nextPage()).previousPage();
  assert.deepEqual(back.instances.map((one) => one.sid), read[1]);
});

judges("pool", "good", "phone numbers of a service", async ({ world }) => {
  const service = await world.service();
  const joined = await pool(service).create({ phoneNumberSid: await world.numberSid() });
  assert.deepEqual([joined.phoneNumber, joined.serviceSid, joined.countryCode], [NUMBER, service.sid, "US"]);
  assert.equal((await pool(service)(joined.sid).fetch()).phoneNumber, NUMBER);
  assert.equal((await pool(service).list()).length, 1);
  assert.equal(await pool(service)(joined.sid).remove(), true);
  assert.equal((await refused(() => pool(service)(joined.sid).fetch())).code, 20404);
});

judges("pool", "paging", "pages", async ({ world }) => {
  const service = await world.service([NUMBER, SPARE]);
  for (let n = 0; n < 3; n++) {
    const { sid } = await world.client.incomingPhoneNumbers.create({ areaCode: "510" });
    await pool(service).create({ phoneNumberSid: sid });
  }
  const read = await pages(await pool(service).page({ pageSize: 2 }), (one) => one.phoneNumber);
  assert.deepEqual([read.length, new Set(read.flat()).size], [3, 5]);
});

for (const kind of ["shortCodes", "alphaSenders", "channelSenders", "destinationAlphaSenders"]) {
  judges("pool", "good", `${kind} begin empty`, async ({ world }) => {
    const { sid } = await world.service();
    assert.deepEqual(await world.client.messaging.v1.services(sid)[kind].list(), []);
  });
}

judges("pool", "lifecycle", "a customer keeps the sender", async ({ world }) => {
  const service = await world.service([NUMBER, SPARE]);
  const seen = new Map([MARIA, KIM, LEE].map((to) => [to, new Set()]));
  for (let n = 0; n < 3; n++) {
    for (const [to, senders] of seen) {
      const sent = await world.send({ to, messagingServiceSid: service.sid });
      assert.deepEqual([sent.status, sent.from, sent.numSegments], ["accepted", null, "0"]);
      await world.advance(10);
      senders.add((await world.client.messages(sent.sid).fetch()).from);
    }
  }
  for (const senders of seen.values()) assert.equal(senders.size, 1);
});

judges("services", "lifecycle", "messages inherit callback and encoding", async ({ world, receiver }) => {
  const service = await world.service([NUMBER], { statusCallback: receiver.url("/service") });
  const sent = await world.send({ body: "It’s ready", messagingServiceSid: service.sid });
  assert.equal(sent.body, "It's ready");
  await world.advance(10);
  const hooks = receiver.take("/service");
  assert.deepEqual(statuses(hooks), ["queued", "sent", "delivered"]);
  assert.ok(hooks.every((hook) => signed(hook) && hook.params.MessagingServiceSid === service.sid));
});

judges("pool", "refused", "a pool is full", async ({ world }) => {
  const numbers = Array.from({ length: 401 }, (_, n) => `+1415${200 + Math.floor(n / 100)}${5000 + (n % 100)}`);
  const number = numbers.map((PhoneNumber) => ({ PhoneNumber }));
  const full = { FriendlyName: "Full", numbers: numbers.slice(0, 400) };
  await world.control("POST", "reset", { scenario: { number, service: [full] } });
  const [service] = await world.client.messaging.v1.services.list();
  assert.equal((await pool(service).list({ pageSize: 1000 })).length, 400);
  const phoneNumberSid = await world.numberSid(numbers[400]);
  const error = await refused(() => pool(service).create({ phoneNumberSid }));
  assert.deepEqual([error.status, error.code, error.message], [400, 21714, "Number Pool size limit reached"]);
});
