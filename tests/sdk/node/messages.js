"use strict";
// Messages: created in every way, listed, redacted, cancelled, deleted; what becomes of them by the clock.

const assert = require("node:assert/strict");
const { statuses } = require("./receiver.js");
const { judges, pages, refused, signed, NUMBER, SPARE, MARIA, KIM, LEE } = require("./world.js");

const HOUR = 3_600_000;

judges("messages", "good", "create", async ({ world }) => {
  const sent = await world.send();
  assert.deepEqual([sent.status, sent.direction, sent.apiVersion], ["queued", "outbound-api", "2010-04-01"]);
  assert.deepEqual([sent.from, sent.to, sent.body], [NUMBER, MARIA, "Your table is ready"]);
  assert.deepEqual([sent.numSegments, sent.numMedia, sent.accountSid], ["1", "0", world.account]);
  assert.deepEqual([sent.price, sent.dateSent, sent.errorCode, sent.errorMessage], [null, null, null, null]);
  assert.ok(Math.abs(sent.dateCreated - world.now) < 1000);
  assert.equal(sent.uri, `/2010-04-01/Accounts/${world.account}/Messages/${sent.sid}.json`);
});

judges("messages", "good", "create with every parameter", async ({ world, receiver }) => {
  const { sid } = await world.service([NUMBER]);
  const mediaUrl = [receiver.serve("/a.png", "image/png", "png"), receiver.serve("/b.gif", "image/gif", "gif")];
  const sent = await world.client.messages.create({
    to: MARIA, messagingServiceSid: sid, body: "Hi", mediaUrl, statusCallback: receiver.url("/status"),
    provideFeedback: true, attempt: 1, validityPeriod: 600, forceDelivery: false, contentRetention: "retain",
    addressRetention: "retain", smartEncoded: true, persistentAction: [], trafficType: "free", shortenUrls: false,
    sendAsMms: true, riskCheck: "disable", maxPrice: 0.05,
  });
  assert.deepEqual([sent.status, sent.numMedia, sent.messagingServiceSid], ["accepted", "2", sid]);
  assert.match(sent.sid, /^MM/);
});

judges("messages", "good", "the headers of Twilio", async ({ world }) => {
  const { statusCode, headers, body } = await world.client.messages.createWithHttpInfo({
    to: MARIA, from: NUMBER, body: "Hi",
  });
  assert.equal(statusCode, 201);
  assert.equal(headers["twilio-request-id"], "RQ" + body.sid.slice(2));
  assert.deepEqual([headers["x-home-region"], headers["x-api-domain"]], ["us1", "api.twilio.com"]);
  assert.ok(Number(headers["twilio-concurrent-requests"]) >= 1);
});

for (const [body, smartEncoded, parts] of [
  ["a".repeat(160), false, "1"], ["a".repeat(161), false, "2"], ["a".repeat(307), false, "3"],
  ["{".repeat(81), false, "2"], ["ж".repeat(70), false, "1"], ["ж".repeat(71), false, "2"],
  ["😜".repeat(35), false, "1"], ["😜".repeat(36), false, "2"], ["’".repeat(71), false, "2"],
  ["’".repeat(71), true, "1"], ["a".repeat(1600), false, "11"],
]) {
  judges("messages", "good", `${[...body].length} of ${[...body][0]}, smart ${smartEncoded}`, async ({ world }) => {
    const sent = await world.send({ body, smartEncoded });
    assert.deepEqual([sent.numSegments, sent.body], [parts, smartEncoded ? body.replaceAll("’", "'") : body]);
  });
}

judges("messages", "good", "fetch, and list by every filter", async ({ world }) => {
  const first = await world.send();
  const other = await world.send({ to: KIM, from: SPARE });
  await world.advance(3);
  const today = world.now;
  await world.advance(3 * 86_400);
  const late = await world.send({ to: KIM });
  await world.advance(3);
  const sids = async (filters) => (await world.client.messages.list(filters)).map((message) => message.sid);
  assert.equal((await world.client.messages(first.sid).fetch()).sid, first.sid);
  assert.deepEqual(await sids({}), [late.sid, other.sid, first.sid]);
  assert.deepEqual(await sids({ to: KIM }), [late.sid, other.sid]);
  assert.deepEqual(await sids({ from: SPARE }), [other.sid]);
  assert.deepEqual(await sids({ to: KIM, from: NUMBER }), [late.sid]);
  assert.deepEqual(await sids({ dateSent: today }), [other.sid, first.sid]);
  assert.deepEqual(await sids({ dateSentBefore: new Date(today.getTime() + HOUR) }), [other.sid, first.sid]);
  assert.deepEqual(await sids({ dateSentAfter: new Date(today.getTime() + 48 * HOUR) }), [late.sid]);
  assert.deepEqual(await sids({ dateSent: new Date("2001-01-01") }), []);
});

judges("messages", "paging", "pages forward and back", async ({ world }) => {
  const sent = [];
  for (let n = 0; n < 7; n++) sent.unshift((await world.send({ body: String(n) })).sid);
  const first = await world.client.messages.page({ pageSize: 3 });
  await world.send({ body: "meanwhile" });
  const read = await pages(first, (message) => message.sid);
  assert.deepEqual(read, [sent.slice(0, 3), sent.slice(3, 6), sent.slice(6)]);
  const second = await world.client.messages.getPage(first.nextPageUrl);
  const back = await (await second.nextPage()).previousPage();
  assert.deepEqual(back.instances.map((message) => message.sid), sent.slice(3, 6));
});

judges("messages", "paging", "every one and a limit, with filters in the links", async ({ world }) => {
  for (let n = 0; n < 5; n++) {
    await world.send({ body: String(n) });
    await world.send({ to: KIM, body: String(n) });
  }
  const read = [];
  await new Promise((done, failed) =>
    world.client.messages.each({ to: MARIA, pageSize: 2, callback: (one) => read.push(one.body), done: (e) => (e ? failed(e) : done()) }),
  );
  assert.deepEqual(read, ["4", "3", "2", "1", "0"]);
  assert.equal((await world.client.messages.list({ limit: 3, pageSize: 2 })).length, 3);
  assert.deepEqual((await world.client.messages.page({ to: LEE })).instances, []);
});

for (const [query, status, code] of [
  ["PageSize=1001", 400, 20007], ["PageSize=many", 400, 20001], ["PageToken=PAnowhere", 400, 21481],
  ["DateSent=soon", 400, 20001],
]) {
  judges("messages", "refused", `a page by ${query}`, async ({ world }) => {
    const error = await refused(() => world.client.messages.getPage(`${world.path("Messages")}?${query}`));
    assert.deepEqual([error.status, error.code], [status, code]);
  });
}

for (const [method, tail, data, status, code] of [
  ["post", "Messages", { From: NUMBER, Body: "x" }, 400, 21604],
  ["delete", "Messages", undefined, 405, 20004],
  ["put", "Messages", {}, 405, 20004],
  ["get", "messages", undefined, 404, 20404],
]) {
  judges("messages", "refused", `what the SDK itself never asks: ${method} ${tail}`, async ({ world }) => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const { statusCode, body } = await world.client.request({ method, uri: world.path(tail), data, headers });
    assert.deepEqual([statusCode, body.code, body.status], [status, code, status]);
  });
}

judges("messages", "lifecycle", "delivered, with dates and price filled in later", async ({ world }) => {
  const told = [await world.send({ body: "a".repeat(200) })];
  for (let n = 0; n < 40; n++) {
    await world.advance(0.1);
    const now = await world.client.messages(told[0].sid).fetch();
    if (now.status !== told.at(-1).status) told.push(now);
  }
  assert.deepEqual(told.map((message) => message.status), ["queued", "sent", "delivered"]);
  assert.deepEqual([told[0].price, told[0].dateSent], [null, null]);
  assert.equal(told[2].price, null);
  const priced = await world.client.messages(told[0].sid).fetch();
  assert.deepEqual([priced.price, priced.priceUnit], ["-0.01660", "USD"]);
  assert.ok(told[2].dateSent >= told[2].dateCreated);
  assert.deepEqual((await world.phone(MARIA)).map((text) => text.body), ["a".repeat(200)]);
});

for (const [outcome, code, way, words] of [
  ["undelivered", 30005, ["sent", "undelivered"], "Unknown destination handset"],
  ["failed", 30007, ["failed"], "Message filtered"],
  ["stuck", null, ["sent"], null],
]) {
  judges("messages", "lifecycle", `ends as the handset was told: ${outcome}`, async ({ world, receiver }) => {
    await world.outcome(MARIA, outcome, code, 1);
    const sent = await world.send({ statusCallback: receiver.url("/status") });
    await world.advance(60);
    const hooks = receiver.take("/status");
    assert.deepEqual(statuses(hooks), way);
    assert.ok(hooks.every((hook) => signed(hook)));
    const now = await world.client.messages(sent.sid).fetch();
    assert.deepEqual([now.status, now.errorCode, now.errorMessage], [way.at(-1), code, words]);
    assert.equal(hooks.at(-1).params.ErrorCode, code ? String(code) : undefined);
  });
}

judges("messages", "lifecycle", "scheduled is sent at its time", async ({ world, receiver }) => {
  const { sid } = await world.service([NUMBER]);
  const sendAt = new Date(world.now.getTime() + 2 * HOUR);
  const scheduled = { messagingServiceSid: sid, scheduleType: "fixed", sendAt, statusCallback: receiver.url("/status") };
  const sent = await world.send(scheduled);
  assert.deepEqual([sent.status, sent.numSegments, sent.dateSent, sent.from], ["scheduled", "0", null, null]);
  await world.advance(7_000);
  assert.equal((await world.client.messages(sent.sid).fetch()).status, "scheduled");
  assert.deepEqual(receiver.take(), []);
  await world.advance(260);
  const done = await world.client.messages(sent.sid).fetch();
  assert.deepEqual([done.status, done.from], ["delivered", NUMBER]);
  const hooks = receiver.take("/status");
  assert.deepEqual(statuses(hooks), ["queued", "sent", "delivered"]);
  assert.ok(hooks.every((hook) => signed(hook)));
});

judges("messages", "lifecycle", "cancel", async ({ world, receiver }) => {
  const { sid } = await world.service([NUMBER]);
  const sendAt = new Date(world.now.getTime() + HOUR);
  const scheduled = { messagingServiceSid: sid, scheduleType: "fixed", sendAt, statusCallback: receiver.url("/status") };
  const sent = await world.send(scheduled);
  assert.equal((await world.client.messages(sent.sid).update({ status: "canceled" })).status, "canceled");
  await world.advance(7_200);
  const hooks = receiver.take("/status");
  assert.deepEqual(statuses(hooks), ["canceled"]);
  assert.ok(signed(hooks[0]));
  assert.equal((await refused(() => world.client.messages(sent.sid).update({ status: "canceled" }))).code, 30409);
});

judges("messages", "good", "redact and delete", async ({ world }) => {
  const { sid } = await world.send({ body: "My card is 4111" });
  await world.advance(60);
  assert.equal((await world.client.messages(sid).update({ body: "" })).body, "");
  assert.equal((await world.client.messages(sid).fetch()).body, "");
  assert.equal(await world.client.messages(sid).remove(), true);
  assert.equal((await refused(() => world.client.messages(sid).fetch())).code, 20404);
});

for (const outcome of ["confirmed", "unconfirmed"]) {
  judges("feedback", "good", outcome, async ({ world }) => {
    const { sid } = await world.send({ provideFeedback: true });
    const told = await world.client.messages(sid).feedback.create({ outcome });
    assert.deepEqual([told.messageSid, told.outcome, told.accountSid], [sid, outcome, world.account]);
  });
}

judges("messages", "lifecycle", "discarded content is gone once sent", async ({ world }) => {
  const { sid } = await world.send({ body: "4321 is your code", contentRetention: "discard" });
  await world.advance(60);
  assert.equal((await world.client.messages(sid).fetch()).body, "");
  assert.deepEqual((await world.phone(MARIA)).map((text) => text.body), ["4321 is your code"]);
});

judges("whatsapp", "lifecycle", "within and without the window", async ({ world, receiver }) => {
  const [to, from, statusCallback] = [`whatsapp:${MARIA}`, `whatsapp:${NUMBER}`, receiver.url("/status")];
  const closed = await world.send({ to, from, statusCallback });
  await world.advance(60);
  const done = await world.client.messages(closed.sid).fetch();
  assert.deepEqual([done.status, done.errorCode], ["failed", 63016]);
  const [hook] = receiver.take("/status");
  assert.ok(signed(hook));
  assert.deepEqual([hook.params.ErrorCode, hook.params.ChannelPrefix], ["63016", "whatsapp"]);
  await world.text(to, from, "Hello");
  await world.outcome(to, "read");
  const answer = await world.send({ to, from, statusCallback });
  await world.advance(60);
  const hooks = receiver.take("/status");
  assert.deepEqual(statuses(hooks, answer.sid), ["sent", "delivered", "read"]);
  assert.ok(hooks.every((one) => signed(one)));
  const { EventType, ChannelToAddress, ChannelInstallSid } = hooks.at(-1).params;
  assert.deepEqual([EventType, ChannelToAddress], ["READ", MARIA.slice(0, -4) + "XXXX"]);
  assert.match(ChannelInstallSid, /^XE/);
});
