"use strict";
// Webhooks: signed, retried as their URL says, then the fallback; TwiML carried out; inbound messages.

const assert = require("node:assert/strict");
const twilio = require("twilio");
const { statuses } = require("./receiver.js");
const { judges, signed, world, MARIA, KIM, NUMBER, SPARE } = require("./world.js");

const bodies = async (phone) => (await world.phone(phone)).map((text) => text.body);

judges("callbacks", "webhook", "every documented parameter", async ({ world, receiver }) => {
  const { sid } = await world.send({ statusCallback: receiver.url("/status?b=7&name=Kim") });
  await world.advance(10);
  const hooks = receiver.take("/status");
  assert.deepEqual(statuses(hooks), ["sent", "delivered"]);
  assert.ok(hooks.every((hook) => signed(hook)));
  const { RawDlrDoneDate, ...params } = hooks[1].params;
  assert.match(RawDlrDoneDate, /^\d{10}$/);
  assert.deepEqual(params, {
    SmsSid: sid, MessageSid: sid, AccountSid: world.account, ApiVersion: "2010-04-01", SmsStatus: "delivered",
    MessageStatus: "delivered", From: NUMBER, To: MARIA,
  });
  assert.equal(signed(hooks[0], "another token"), false);
  assert.equal(signed({ ...hooks[0], params: { ...hooks[0].params, Extra: "1" } }), false);
});

judges("callbacks", "webhook", "the sandbox's own setting", async ({ world, receiver }) => {
  await world.control("POST", "webhooks", { status: receiver.url("/all") });
  const { sid } = await world.send();
  await world.advance(10);
  assert.deepEqual(statuses(receiver.take("/all"), sid), ["sent", "delivered"]);
});

for (const [fragment, answers, asked] of [
  ["", [500], 1], ["#rc=2&rp=all", [500, 404, 200], 3], ["#rc=2&rp=5xx", [500, 503, 500], 3],
  ["#rc=3&rp=5xx", [500, 404], 2], ["#rc=3&rp=4xx", [404, 429, 200], 3], ["#rc=0&rp=all", [500], 1],
]) {
  judges("retries", "webhook", `${fragment || "by default"}, ${answers}`, async ({ world, receiver }) => {
    receiver.willAnswer("/sms", ...answers.map((status) => [status, "text/plain", ""]));
    await world.configure({ smsUrl: receiver.url("/sms") + fragment });
    await world.text(MARIA, NUMBER, "Hi");
    const hooks = receiver.take("/sms");
    assert.deepEqual([hooks.length, new Set(hooks.map((hook) => hook.token)).size], [asked, 1]);
    assert.ok(hooks.every((hook) => signed(hook)));
  });
}

judges("retries", "webhook", "wrong fragment, closed door", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/sms") + "#rc=9" });
  assert.equal((await world.text(MARIA, NUMBER, "Hi")).webhook.code, 11243);
  await world.configure({ smsUrl: "http://127.0.0.1:1/sms" });
  assert.equal((await world.text(MARIA, NUMBER, "Hi")).webhook.code, 11205);
});

judges("fallback", "webhook", "is told why", async ({ world, receiver }) => {
  receiver.willAnswer("/sms", [500, "text/plain", ""]);
  receiver.willAnswer("/late", "<Response><Message>Sorry</Message></Response>");
  await world.configure({ smsUrl: receiver.url("/sms"), smsFallbackUrl: receiver.url("/late") });
  await world.text(MARIA, NUMBER, "Hi");
  const [late] = receiver.take("/late");
  assert.ok(signed(late));
  assert.deepEqual([late.params.ErrorCode, late.params.ErrorUrl], ["11200", receiver.url("/sms")]);
  await world.advance(10);
  assert.equal((await bodies(MARIA)).at(-1), "Sorry");
});

judges("twiml", "webhook", "messages, media and a redirect", async ({ world, receiver }) => {
  const media = receiver.serve("/map.png", "image/png", "map");
  receiver.willAnswer(
    "/sms",
    `<Response><Message>One</Message><Message to="${KIM}"><Body>Maria asks</Body><Media>${media}</Media></Message>
     <Redirect method="GET">/next?x=1</Redirect></Response>`,
  );
  receiver.willAnswer("/next", [200, "text/plain", "Two"]);
  await world.configure({ smsUrl: receiver.url("/sms") });
  await world.text(MARIA, NUMBER, "Hi");
  const [next] = receiver.take("/next");
  assert.ok(signed(next));
  assert.deepEqual([next.method, next.params.Body, next.params.x], ["GET", "Hi", "1"]);
  await world.advance(10);
  assert.deepEqual((await bodies(MARIA)).slice(1), ["One", "Two"]);
  const [kims] = await world.phone(KIM);
  assert.deepEqual([kims.body, kims.media.length], ["Maria asks", 1]);
  const replies = (await world.client.messages.list()).filter((one) => one.direction === "outbound-reply");
  assert.equal(replies.length, 3);
});

judges("twiml", "webhook", "what the SDK writes is understood", async ({ world, receiver }) => {
  const answer = new twilio.twiml.MessagingResponse();
  answer.message({ to: KIM }, "Größe & <Preis>");
  const picture = answer.message();
  picture.body("See");
  picture.media(receiver.serve("/a.png", "image/png", "png"));
  receiver.willAnswer("/sms", answer.toString());
  await world.configure({ smsUrl: receiver.url("/sms") });
  await world.text(MARIA, NUMBER, "Hi");
  await world.advance(10);
  assert.deepEqual(await bodies(KIM), ["Größe & <Preis>"]);
  assert.deepEqual((await bodies(MARIA)).slice(1), ["See"]);
});

for (const [answer, code] of [
  [[200, "application/json", "{}"], 12300], [[200, "text/xml", "<Response>"], 12100],
  [[200, "text/xml", "<html/>"], 12102], [[200, "text/xml", "<Response><Message/></Response>"], 14103],
  [[200, "text/xml", "<Response><Say>Hi</Say></Response>"], 12200], [[204, "text/xml", ""], null],
]) {
  judges("twiml", "webhook", `${answer} is ${code}`, async ({ world, receiver }) => {
    receiver.willAnswer("/sms", answer);
    await world.configure({ smsUrl: receiver.url("/sms") });
    assert.equal((await world.text(MARIA, NUMBER, "Hi")).webhook.code, code);
  });
}

judges("inbound", "webhook", "every documented parameter", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/sms") });
  const { sid } = await world.text(MARIA, NUMBER, "Is parking free?");
  const [hook] = receiver.take("/sms");
  assert.ok(signed(hook));
  assert.match(hook.token, /^[0-9a-f-]{36}$/);
  const place = { City: "SAN FRANCISCO", State: "CA", Zip: "94103", Country: "US" };
  const placed = (side) => Object.entries(place).map(([name, value]) => [side + name, value]);
  assert.deepEqual(hook.params, {
    MessageSid: sid, SmsSid: sid, SmsMessageSid: sid, AccountSid: world.account, From: MARIA, To: NUMBER,
    Body: "Is parking free?", NumMedia: "0", NumSegments: "1", SmsStatus: "received", ApiVersion: "2010-04-01",
    ReferralNumMedia: "0", ...Object.fromEntries([...placed("From"), ...placed("To")]),
  });
  const kept = await world.client.messages(sid).fetch();
  assert.deepEqual([kept.direction, kept.status, kept.from, kept.to], ["inbound", "received", MARIA, NUMBER]);
});

judges("inbound", "webhook", "by GET everything is in the query", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/sms?desk=1"), smsMethod: "GET" });
  await world.text(MARIA, NUMBER, "Größe? 50% & more + 'x'");
  const [hook] = receiver.take("/sms");
  assert.deepEqual([hook.method, hook.params.Body, hook.params.desk], ["GET", "Größe? 50% & more + 'x'", "1"]);
  assert.ok(signed(hook));
});

judges("inbound", "webhook", "a number in a service names it", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/number") });
  const { sid } = await world.service([NUMBER, SPARE], { inboundRequestUrl: receiver.url("/service") });
  await world.text(MARIA, NUMBER, "Hi");
  const [first] = receiver.take();
  assert.deepEqual([first.path, first.params.MessagingServiceSid, signed(first)], ["/service", sid, true]);
  await world.client.messaging.v1.services(sid).update({ useInboundWebhookOnNumber: true });
  await world.text(MARIA, NUMBER, "Hi");
  assert.equal(receiver.take()[0].path, "/number");
});

judges("inbound", "webhook", "several media", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/sms") });
  const media = ["image/png", "video/mp4"].map((contentType) => ({ contentType, base64: "QUJD" }));
  await world.text(MARIA, NUMBER, "", { media });
  const [hook] = receiver.take("/sms");
  assert.ok(signed(hook));
  assert.deepEqual([hook.params.NumMedia, hook.params.MediaContentType1], ["2", "video/mp4"]);
});

judges("whatsapp", "webhook", "its own parameters", async ({ world, receiver }) => {
  await world.configure({ smsUrl: receiver.url("/sms") });
  await world.text(`whatsapp:${MARIA}`, `whatsapp:${NUMBER}`, "Hola", { profileName: "Maria P." });
  const [{ params, ...hook }] = receiver.take("/sms");
  assert.ok(signed({ params, ...hook }));
  assert.deepEqual([params.From, params.ProfileName, params.WaId, params.MessageType],
    [`whatsapp:${MARIA}`, "Maria P.", MARIA.slice(1), "text"]);
});
