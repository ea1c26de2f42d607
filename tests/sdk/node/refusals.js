"use strict";
// Every error in refusals.json, by the SDK's own call: status, code and words.

const assert = require("node:assert/strict");
const table = require("../refusals.json");
const { judges, refused, world, ABSENT, KIM, LONDON, MARIA, NUMBER, SPARE } = require("./world.js");

const camel = (name) => name[0].toLowerCase() + name.slice(1);
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
    MARIA, KIM, LONDON, NUMBER, SPARE, ABSENT, delivered, other, short,
    account: world.account,
    number: await world.numberSid(),
    pooled: await world.numberSid(SPARE),
    service: service.sid,
    empty: (await world.service()).sid,
    closed: closed.sid,
    queued: (await world.send()).sid,
    soon: moment(290), late: moment(36 * 86_400), tomorrow: moment(86_400),
    65: "x".repeat(65), 1601: "a".repeat(1601),
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
