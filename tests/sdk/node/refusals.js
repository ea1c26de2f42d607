"use strict";
// Every error in refusals.json, by the SDK's own call: status, code and words.

const assert = require("node:assert/strict");
const table = require("../refusals.json");
const { judges, refused, world, ABSENT, KIM, LEE, LONDON, MARIA, NUMBER, SPARE } = require("./world.js");

const camel = (name) => name.split(".").map((part) => part[0].toLowerCase() + part.slice(1)).join(".");
let known;

/** A world with one of each, and the names that the table gives them. */
async function prepare() {
  if (known) return;
  await world.fresh();
  const delivered = (await world.send()).sid;
  await world.text(KIM, NUMBER, "STOP");
  await world.advance(60);
  const closed = await world.client.api.v2010.accounts.create();
  await world.client.api.v2010.accounts(closed.sid).update({ status: "closed" });
  const service = await world.service([SPARE]);
  const { services } = world.client.messaging.v1;
  const other = (await world.service()).sid;
  const short = (await world.client.shortCodes.list())[0].sid;
  await services(other).shortCodes.create({ shortCodeSid: short });
  await services(other).alphaSenders.create({ alphaSender: "Harbor" });
  const moment = (seconds) => new Date(world.now.getTime() + seconds * 1000).toISOString().replace(/\.\d+/, "");
  known = {
    ...(await verify(service.sid)),
    MARIA, KIM, LEE, LONDON, NUMBER, SPARE, ABSENT, delivered, other, short,
    account: world.account,
    number: await world.numberSid(),
    pooled: await world.numberSid(SPARE),
    service: service.sid,
    empty: (await world.service()).sid,
    closed: closed.sid,
    queued: (await world.send()).sid,
    soon: moment(290), late: moment(36 * 86_400), tomorrow: moment(86_400),
    65: "x".repeat(65), 129: "x".repeat(129), 1601: "a".repeat(1601),
  };
}

/** Verify services that refuse for one reason each. */
async function verify(messagingServiceSid) {
  const { services, templates, safelist } = world.client.verify.v2;
  const make = async (friendlyName, more = {}) => (await services.create({ friendlyName, ...more })).sid;
  const service = services(await make("Bank"));
  let five;
  for (let n = 0; n < 5; n++) five = (await service.verifications.create({ to: LEE, channel: "sms" })).sid;
  await service.verifications.create({ to: LONDON, channel: "sms" });
  const check = () => service.verificationChecks.create({ to: LONDON, code: "0000" });
  for (let n = 0; n < 5; n++) await check();
  await refused(check);
  const limited = await make("Limited");
  const limits = [];
  for (let n = 1; n < 6; n++) limits.push((await services(limited).rateLimits.create({ uniqueName: `n${n}` })).sid);
  for (let n = 1; n < 6; n++) await services(limited).rateLimits(limits[0]).buckets.create({ max: 1, interval: n });
  await services(limited).messagingConfigurations.create({ country: "US", messagingServiceSid });
  await safelist.create({ phoneNumber: KIM });
  const template = async (friendlyName) => (await templates.list({ friendlyName }))[0].sid;
  return {
    verify: (await services.list({ limit: 9 })).find((one) => one.friendlyName === "Bank").sid,
    five, limited, limit: limits[0],
    custom: await make("Custom", { customCodeEnabled: true }),
    payments: await make("Payments", { psd2Enabled: true }),
    careful: await make("Careful", { lookupEnabled: true, skipSmsToLandlines: true }),
    order: await template("Order"), brand: await template("Brand"),
  };
}

const filled = (value) =>
  typeof value === "string" ? value.replace(/\{(\w+)\}/g, (_, name) => known[name]) : value;

for (const row of table) {
  judges(row.judges, "refused", `${row.code} ${row.on} ${row.do}`, async () => {
    let resource = world.client;
    for (const [, name, call, argument] of row.on.matchAll(/(\w+)(\(([^)]*)\))?/g)) {
      resource = call ? resource[name](...(argument ? [filled(argument)] : [])) : resource[name];
    }
    const given = Object.entries(row.with || {}).map(([name, value]) => [camel(name), filled(value)]);
    const verb = row.do === "delete" ? "remove" : row.do;
    const error = await refused(() => resource[verb](...(row.with ? [Object.fromEntries(given)] : [])));
    assert.deepEqual([error.status, error.code, error.message], [row.status, row.code, filled(row.message)]);
    assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${row.code}`);
  }, prepare);
}
