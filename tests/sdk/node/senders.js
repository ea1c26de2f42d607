"use strict";
// Short codes, sender names, how long a message may wait, Advanced Opt-Out, the network's own STOP.

const assert = require("node:assert/strict");
const { statuses } = require("./receiver.js");
const { judges, refused, signed, world, LONDON, MARIA, NUMBER, SHORT, SPARE } = require("./world.js");

const codeSid = async () => (await world.client.shortCodes.list({ shortCode: SHORT }))[0].sid;
const pool = ({ sid }) => world.client.messaging.v1.services(sid);

async function arrived({ sid }, to) {
  const sent = await world.send({ to, messagingServiceSid: sid });
  await world.advance(10);
  return world.client.messages(sent.sid).fetch();
}

judges("short codes", "good", "read and configured", async ({ world }) => {
  const { shortCodes } = world.client;
  const code = await shortCodes(await codeSid()).fetch();
  assert.deepEqual([code.shortCode, code.friendlyName], [SHORT, SHORT]);
  const given = {
    smsUrl: "https://desk.example/sms", smsMethod: "GET", smsFallbackUrl: "https://desk.example/late",
    smsFallbackMethod: "GET", friendlyName: "Alerts",
  };
  const set = await shortCodes(code.sid).update(given);
  for (const [name, value] of Object.entries(given)) assert.equal(set[name], value, name);
  assert.equal((await shortCodes.list({ friendlyName: "Alerts" })).length, 1);
  assert.deepEqual(await shortCodes.list({ shortCode: "999" }), []);
});

judges("short codes", "lifecycle", "sends and receives", async ({ world, receiver }) => {
  await world.client.shortCodes(await codeSid()).update({ smsUrl: receiver.url("/sms") });
  const { sid } = await world.send({ from: SHORT });
  await world.advance(10);
  assert.equal((await world.client.messages(sid).fetch()).status, "delivered");
  await world.text(MARIA, SHORT, "Thanks");
  const [hook] = receiver.take("/sms");
  assert.deepEqual([hook.params.To, hook.params.ToCountry, signed(hook)], [SHORT, "US", true]);
});

judges("short codes", "paging", "a page", async ({ world }) => {
  const page = await world.client.shortCodes.page({ pageSize: 1 });
  assert.deepEqual([page.instances.length, page.nextPageUrl], [1, undefined]);
});

judges("pool", "good", "short codes of a service", async ({ world }) => {
  const { shortCodes } = pool(await world.service());
  const joined = await shortCodes.create({ shortCodeSid: await codeSid() });
  assert.deepEqual([joined.shortCode, joined.countryCode], [SHORT, "US"]);
  assert.equal((await shortCodes(joined.sid).fetch()).shortCode, SHORT);
  assert.equal((await shortCodes.list()).length, 1);
  assert.equal(await shortCodes(joined.sid).remove(), true);
});

judges("pool", "good", "sender names of a service", async ({ world }) => {
  const { alphaSenders, destinationAlphaSenders } = pool(await world.service());
  const name = await alphaSenders.create({ alphaSender: "Harbor" });
  const british = await destinationAlphaSenders.create({ alphaSender: "HarborUK", isoCountryCode: "GB" });
  assert.deepEqual([name.alphaSender, british.alphaSender, british.isoCountryCode], ["Harbor", "HarborUK", "GB"]);
  assert.equal((await alphaSenders(name.sid).fetch()).alphaSender, "Harbor");
  assert.equal((await destinationAlphaSenders(british.sid).fetch()).isoCountryCode, "GB");
  assert.equal((await alphaSenders.list()).length, 1);
  assert.equal((await destinationAlphaSenders.list({ isoCountryCode: "GB" })).length, 1);
  assert.equal(await alphaSenders(name.sid).remove(), true);
  assert.equal(await destinationAlphaSenders(british.sid).remove(), true);
});

judges("pool", "lifecycle", "short codes, then names, then numbers", async ({ world }) => {
  const service = await world.service([SPARE], { stickySender: false });
  assert.equal((await arrived(service, LONDON)).from, SPARE);
  await pool(service).alphaSenders.create({ alphaSender: "Harbor" });
  await pool(service).shortCodes.create({ shortCodeSid: await codeSid() });
  assert.equal((await arrived(service, LONDON)).from, "Harbor");
  assert.equal((await arrived(service, MARIA)).from, SHORT);
});

judges("pool", "lifecycle", "a long code takes over", async ({ world, receiver }) => {
  const service = await world.service([NUMBER], { statusCallback: receiver.url("/status") });
  await pool(service).shortCodes.create({ shortCodeSid: await codeSid() });
  await world.outcome(MARIA, "failed", 30024);
  const done = await arrived(service, MARIA);
  assert.deepEqual([done.from, done.status, done.errorCode], [NUMBER, "delivered", null]);
  assert.deepEqual(statuses(receiver.take("/status")), ["queued", "sent", "delivered"]);
});

judges("pool", "lifecycle", "nothing for a country fails later", async ({ world }) => {
  const service = await world.service();
  await pool(service).shortCodes.create({ shortCodeSid: await codeSid() });
  const done = await arrived(service, LONDON);
  assert.deepEqual([done.status, done.errorCode, done.from], ["failed", 21703, null]);
});

judges("messages", "lifecycle", "what waits too long expires", async ({ world, receiver }) => {
  await world.outcome(MARIA, "queued");
  const { sid } = await world.send({ validityPeriod: 60, statusCallback: receiver.url("/status") });
  await world.advance(59);
  assert.equal((await world.client.messages(sid).fetch()).status, "queued");
  await world.advance(3);
  const done = await world.client.messages(sid).fetch();
  assert.deepEqual([done.status, done.errorCode, done.price], ["failed", 30036, null]);
  assert.deepEqual(statuses(receiver.take("/status"), sid), ["failed"]);
});

judges("messages", "good", "a name sends where names are taken", async ({ world }) => {
  const { sid } = await world.send({ to: LONDON, from: "Harbor-1" });
  await world.advance(10);
  const done = await world.client.messages(sid).fetch();
  assert.deepEqual([done.from, done.status], ["Harbor-1", "delivered"]);
});

judges("opt-out", "lifecycle", "Advanced Opt-Out tells the webhook", async ({ world, receiver }) => {
  const { sid } = await world.service([NUMBER], { inboundRequestUrl: receiver.url("/sms") });
  const words = { stop: { keywords: ["Basta"], reply: "Bye." }, start: { keywords: ["Ciao"] } };
  await world.control("POST", `services/${sid}/opt-out`, words);
  for (const [said, told] of [["basta", "STOP"], ["ciao", "START"], ["help", "HELP"], ["basta now", undefined]]) {
    await world.text(MARIA, NUMBER, said);
    const [hook] = receiver.take("/sms");
    assert.deepEqual([hook.params.OptOutType, signed(hook)], [told, true]);
  }
  await world.text(MARIA, NUMBER, "Basta");
  assert.equal((await refused(() => world.send({ messagingServiceSid: sid }))).code, 21610);
});

judges("opt-out", "lifecycle", "the network keeps back what a toll-free number sends", async ({ world }) => {
  const [{ phoneNumber: from }] = await world.client.availablePhoneNumbers("US").tollFree.list({ limit: 1 });
  await world.client.incomingPhoneNumbers.create({ phoneNumber: from });
  for (const [word, status, code] of [["STOP", "undelivered", 30004], ["UNSTOP", "delivered", null]]) {
    await world.text(MARIA, from, word);
    const { sid } = await world.send({ from });
    await world.advance(10);
    const done = await world.client.messages(sid).fetch();
    assert.deepEqual([done.status, done.errorCode], [status, code]);
  }
});

judges("whatsapp", "webhook", "a button and a place", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/sms") });
  const pressed = { ButtonText: "Yes", ButtonPayload: "yes-1", ButtonType: "REPLY", MessageType: "button" };
  for (const parameters of [pressed, { Latitude: "37.78", Longitude: "-122.42", Label: "Desk" }]) {
    await world.text(`whatsapp:${MARIA}`, `whatsapp:${NUMBER}`, "", { parameters });
    const [hook] = receiver.take("/sms");
    assert.ok(signed(hook));
    assert.deepEqual({ ...hook.params, ...parameters }, hook.params);
  }
});
