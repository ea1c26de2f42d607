"use strict";
// Verify services and verifications, from the first send to the end, on every channel.

const assert = require("node:assert/strict");
const twilio = require("twilio");
const { judges, pages, refused, world, wrong, ABSENT, KIM, LEE, MARIA } = require("./world.js");

const start = (service, more = {}) => service.verifications.create({ to: MARIA, channel: "sms", ...more });
const check = (service, code, more = { to: MARIA }) => service.verificationChecks.create({ code, ...more });
const sid = (service) => service.fetch().then((one) => one.sid);

judges("verify services", "good", "create, fetch, update, list, delete", async ({ world }) => {
  const { services } = world.client.verify.v2;
  const made = await services.create({ friendlyName: "Northwind Bank" });
  assert.deepEqual([made.friendlyName, made.codeLength, made.dtmfInputRequired], ["Northwind Bank", 6, true]);
  assert.ok(made.links.verification_checks.endsWith(`/Services/${made.sid}/VerificationCheck`));
  assert.equal((await services(made.sid).update({ codeLength: 4 })).codeLength, 4);
  assert.equal((await services(made.sid).fetch()).codeLength, 4);
  assert.deepEqual((await services.list()).map((one) => one.sid), [made.sid]);
  assert.equal(await services(made.sid).remove(), true);
  assert.equal((await refused(() => services(made.sid).fetch())).code, 20404);
});

judges("verify services", "good", "settings, nested ones too", async ({ world }) => {
  const flat = {
    codeLength: 8, lookupEnabled: true, skipSmsToLandlines: true, dtmfInputRequired: false, ttsName: "Harbor",
    psd2Enabled: true, doNotShareWarningEnabled: true, customCodeEnabled: true, defaultTemplateSid: `HJ${ABSENT}`,
  };
  const nested = { "push.includeDate": true, "totp.issuer": "Harbor", "totp.timeStep": 40, "whatsapp.from": "whatsapp:+14155550100" };
  const made = await (await world.bank({ ...flat, ...nested })).fetch();
  for (const [name, value] of Object.entries(flat)) assert.equal(made[name], value, name);
  assert.deepEqual([made.push.include_date, made.totp.issuer, made.totp.time_step], [true, "Harbor", 40]);
  assert.equal(made.whatsapp.from, "whatsapp:+14155550100");
});

judges("verify services", "paging", "pages with absolute links", async ({ world }) => {
  const made = [];
  for (let n = 0; n < 5; n++) made.unshift(await sid(await world.bank({ friendlyName: `Bank ${n}` })));
  const first = await world.client.verify.v2.services.page({ pageSize: 2 });
  assert.ok(first.nextPageUrl.startsWith(world.base));
  assert.deepEqual(await pages(first, (one) => one.sid), [made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
});

judges("verifications", "lifecycle", "a text with a code is approved", async ({ world }) => {
  const service = await world.bank();
  const sent = await start(service);
  assert.deepEqual([sent.status, sent.valid, sent.channel, sent.sendCodeAttempts.length], ["pending", false, "sms", 1]);
  assert.equal((await service.verifications(sent.sid).fetch()).sid, sent.sid);
  await world.advance(5);
  const code = await world.code();
  assert.equal((await world.phone(MARIA))[0].body, `Your Northwind Bank verification code is: ${code}`);
  assert.deepEqual([(await check(service, wrong(code))).status], ["pending"]);
  const checked = await check(service, code);
  assert.deepEqual([checked.status, checked.valid, checked.sid], ["approved", true, sent.sid]);
});

judges("verifications", "lifecycle", "a call says the code", async ({ world }) => {
  const service = await world.bank({ dtmfInputRequired: false });
  await start(service, { channel: "call" });
  await world.advance(30);
  const [{ transcript }] = (await world.has(MARIA)).calls;
  const code = transcript.split(": ")[1].slice(0, 11).replaceAll(" ", "");
  assert.ok(!transcript.includes("press"));
  assert.equal((await check(service, code)).valid, true);
});

judges("verifications", "lifecycle", "WhatsApp", async ({ world }) => {
  const service = await world.bank();
  const sent = await start(service, { channel: "whatsapp" });
  await world.advance(5);
  const code = await world.code(`whatsapp:${MARIA}`);
  assert.equal((await check(service, code, { verificationSid: sent.sid })).valid, true);
});

judges("verifications", "lifecycle", "a mailbox", async ({ world }) => {
  const service = await world.bank(), to = "kim@example.com";
  await start(service, { to, channel: "email" });
  await world.advance(5);
  const [{ body, subject }] = (await world.has(to)).emails;
  assert.equal(subject, "Your Northwind Bank verification code");
  assert.equal((await check(service, body.match(/\d{6}/)[0], { to })).status, "approved");
});

judges("verifications", "lifecycle", "the channel changes within one verification", async ({ world }) => {
  const service = await world.bank();
  const sent = [];
  for (const channel of ["sms", "call", "whatsapp"]) sent.push(await start(service, { channel }));
  assert.equal(new Set(sent.map((one) => one.sid)).size, 1);
  assert.deepEqual(sent[2].sendCodeAttempts.map((one) => one.channel.toLowerCase()), ["sms", "call", "whatsapp"]);
  await world.advance(30);
  assert.equal(await world.code(), await world.code(`whatsapp:${MARIA}`));
});

judges("verifications", "lifecycle", "cancelled, and begun anew", async ({ world }) => {
  const service = await world.bank();
  const sent = await start(service);
  assert.equal((await service.verifications(sent.sid).update({ status: "canceled" })).status, "canceled");
  assert.equal((await service.verifications(sent.sid).fetch()).status, "canceled");
  assert.equal((await refused(() => check(service, "123456"))).code, 20404);
  assert.notEqual((await start(service)).sid, sent.sid);
});

judges("verifications", "good", "a code of one's own, approved elsewhere", async ({ world }) => {
  const service = await world.bank({ customCodeEnabled: true });
  const sent = await start(service, { customCode: "4711" });
  await world.advance(5);
  assert.equal(await world.code(), "4711");
  assert.equal((await service.verifications(sent.sid).update({ status: "approved" })).valid, true);
});

judges("verifications", "good", "languages", async ({ world }) => {
  const service = await world.bank();
  for (const [to, locale, words] of [[MARIA, "fr", "Votre code"], [LEE, undefined, "Your Northwind"], ["+573001234567", undefined, "Tu código"]]) {
    await start(service, { to, locale });
    await world.advance(5);
    assert.ok((await world.phone(to)).at(-1).body.startsWith(words), words);
  }
});

judges("verifications", "good", "a payment", async ({ world }) => {
  const service = await world.bank({ psd2Enabled: true });
  await start(service, { amount: "€39.99", payee: "Acme" });
  await world.advance(5);
  const code = (await world.phone(MARIA))[0].body.slice(-6);
  assert.equal((await check(service, code, { to: MARIA, amount: "€99", payee: "Acme" })).valid, false);
  assert.equal((await check(service, code, { to: MARIA, amount: "€39.99", payee: "Acme" })).valid, true);
});

judges("templates", "good", "substitutions and languages", async ({ world }) => {
  const [brand] = await world.client.verify.v2.templates.list({ friendlyName: "Brand" });
  assert.deepEqual([brand.channels, brand.translations.fr.status], [["sms", "voice"], "pending"]);
  const service = await world.bank();
  const given = { templateSid: brand.sid, templateCustomSubstitutions: JSON.stringify({ brand: "Northwind" }) };
  for (const [locale, words] of [["en", "Your Northwind code is"], ["es", "Tu código de Northwind es"]]) {
    await start(service, { locale, ...given });
    await world.advance(5);
    assert.ok((await world.phone(MARIA)).at(-1).body.startsWith(words));
  }
});

judges("templates", "paging", "pages", async ({ world }) => {
  const read = await pages(await world.client.verify.v2.templates.page({ pageSize: 2 }), (one) => one.friendlyName);
  assert.deepEqual(read.map((page) => page.length), [2, 1]);
});

judges("verifications", "webhook", "events tell of a verification", async ({ world, receiver }) => {
  await world.control("POST", "webhooks", { events: receiver.url("/events") });
  const service = await world.bank();
  await start(service);
  await world.advance(601);
  for (let n = 0; n < 200 && receiver.hooks.length < 4; n++) await new Promise((later) => setTimeout(later, 20));
  const hooks = receiver.take("/events");
  const kinds = hooks.map((hook) => JSON.parse(hook.body)[0].type.split("verify.")[1]);
  assert.deepEqual(kinds, ["verification.pending", "message.sent", "message.delivered", "verification.expired"]);
  for (const { url, body, signature } of hooks) {
    assert.equal(twilio.validateRequestWithBody(world.token, signature, url, body), true);
    assert.equal(twilio.validateRequestWithBody(world.token, signature, url, `${body} `), false);
  }
});

judges("verifications", "fault", "a fault speaks as Verify does", async ({ world }) => {
  const service = await world.bank();
  await world.fault({ match: { product: "verify", method: "POST" }, action: { code: 60202 }, times: 1 });
  const error = await refused(() => check(service, "123456", { to: KIM }));
  assert.deepEqual([error.status, error.code, error.message], [429, 60202, "Max check attempts reached"]);
});
