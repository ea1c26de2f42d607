"use strict";
// Media: the resource, and the bytes behind it.

const assert = require("node:assert/strict");
const { judges, pages, refused, signed, MARIA, NUMBER } = require("./world.js");

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, ...Array(64).keys()]);

async function mms(world, receiver, count = 1) {
  const mediaUrl = Array.from({ length: count }, (_, n) => receiver.serve(`/${n}.png`, "image/png", PNG));
  const sent = await world.client.messages.create({ to: MARIA, from: NUMBER, body: "Look", mediaUrl });
  await world.advance(60);
  return sent;
}

async function read(url, ...credentials) {
  const headers = credentials.length ? { Authorization: `Basic ${btoa(credentials.join(":"))}` } : {};
  const answer = await fetch(url, { headers });
  return [answer.status, answer.headers.get("content-type"), Buffer.from(await answer.arrayBuffer())];
}

judges("media", "good", "what is sent is kept with its bytes", async ({ world, receiver }) => {
  const sent = await mms(world, receiver);
  assert.deepEqual([sent.numMedia, sent.numSegments], ["1", "1"]);
  const [media] = await world.client.messages(sent.sid).media.list();
  const one = await world.client.messages(sent.sid).media(media.sid).fetch();
  assert.deepEqual([one.contentType, one.parentSid, one.accountSid], ["image/png", sent.sid, world.account]);
  const url = `${world.base}/api/2010-04-01/Accounts/${world.account}/Messages/${sent.sid}/Media/${media.sid}`;
  let answer;
  for (let n = 0; n < 100 && answer?.[0] !== 200; n++) {
    await world.advance(0);
    answer = await read(url, world.account, world.token);
  }
  assert.deepEqual(answer, [200, "image/png", PNG]);
});

judges("media", "good", "what is received is kept with its bytes", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/sms") });
  const media = [{ contentType: "image/png", base64: PNG.toString("base64") }];
  await world.text(MARIA, NUMBER, "My tooth", { media });
  const [hook] = receiver.take("/sms");
  assert.ok(signed(hook));
  assert.deepEqual([hook.params.NumMedia, hook.params.MediaContentType0], ["1", "image/png"]);
  assert.deepEqual(await read(hook.params.MediaUrl0, world.account, world.token), [200, "image/png", PNG]);
  assert.equal((await read(hook.params.MediaUrl0))[0], 401);
});

judges("media", "paging", "pages", async ({ world, receiver }) => {
  const sent = await mms(world, receiver, 7);
  const read = await pages(await world.client.messages(sent.sid).media.page({ pageSize: 3 }), (media) => media.sid);
  assert.deepEqual(read.map((page) => page.length), [3, 3, 1]);
  assert.equal(new Set(read.flat()).size, 7);
});

judges("media", "good", "list by date", async ({ world, receiver }) => {
  const sent = await mms(world, receiver);
  const { media } = world.client.messages(sent.sid);
  const [{ dateCreated }] = await media.list();
  const day = (days) => new Date(dateCreated.getTime() + days * 86_400_000);
  assert.equal((await media.list({ dateCreated })).length, 1);
  assert.equal((await media.list({ dateCreatedBefore: day(-1) })).length, 0);
  assert.equal((await media.list({ dateCreatedAfter: day(1) })).length, 0);
});

judges("media", "good", "delete", async ({ world, receiver }) => {
  const sent = await mms(world, receiver, 2);
  const [first, second] = await world.client.messages(sent.sid).media.list();
  assert.equal(await world.client.messages(sent.sid).media(first.sid).remove(), true);
  assert.deepEqual((await world.client.messages(sent.sid).media.list()).map((one) => one.sid), [second.sid]);
  assert.equal((await refused(() => world.client.messages(sent.sid).media(first.sid).fetch())).code, 20404);
});
