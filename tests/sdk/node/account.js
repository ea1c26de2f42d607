"use strict";
// Accounts, keys, tokens, addresses, balance, and who may ask for what.

const assert = require("node:assert/strict");
const twilio = require("twilio");
const { judges, pages, refused, signed, ABSENT, MARIA, NUMBER } = require("./world.js");

judges("accounts", "good", "create, fetch, update, list", async ({ world }) => {
  const { accounts } = world.client.api.v2010;
  const main = await accounts(world.account).fetch();
  assert.deepEqual([main.sid, main.ownerAccountSid, main.status, main.type], [world.account, world.account, "active", "Full"]);
  assert.equal(main.authToken, world.token);
  const sub = await accounts.create({ friendlyName: "Blue Kite" });
  assert.deepEqual([sub.friendlyName, sub.ownerAccountSid, sub.status], ["Blue Kite", world.account, "active"]);
  assert.equal((await accounts(sub.sid).update({ friendlyName: "Kite" })).friendlyName, "Kite");
  assert.deepEqual((await accounts.list({ friendlyName: "Kite" })).map((one) => one.sid), [sub.sid]);
  assert.equal((await accounts.list({ status: "active" })).length, 2);
  assert.equal((await accounts(sub.sid).update({ status: "suspended" })).status, "suspended");
});

judges("accounts", "good", "a subaccount is reached by its own and by its parent", async ({ world }) => {
  const sub = await world.client.api.v2010.accounts.create();
  const own = world.clientAs(sub.sid, sub.authToken, sub.sid);
  const mine = await own.incomingPhoneNumbers.create({ areaCode: "510" });
  const parents = world.clientAs(world.account, world.token, sub.sid);
  assert.deepEqual((await parents.incomingPhoneNumbers.list()).map((one) => one.sid), [mine.sid]);
  const moved = await world.configure({ accountSid: sub.sid });
  assert.deepEqual([moved.accountSid, moved.phoneNumber], [sub.sid, NUMBER]);
  assert.equal((await refused(() => own.api.v2010.accounts(world.account).fetch())).code, 20404);
  assert.equal((await refused(() => own.api.v2010.accounts.create())).code, 20403);
});

judges("accounts", "refused", "a suspended account does nothing", async ({ world }) => {
  const sub = await world.client.api.v2010.accounts.create();
  await world.client.api.v2010.accounts(sub.sid).update({ status: "suspended" });
  const own = world.clientAs(sub.sid, sub.authToken, sub.sid);
  const error = await refused(() => own.messages.create({ to: MARIA, from: NUMBER, body: "x" }));
  assert.deepEqual([error.status, error.code], [403, 20005]);
});

judges("accounts", "paging", "pages", async ({ world }) => {
  const made = [world.account];
  for (let n = 0; n < 4; n++) made.unshift((await world.client.api.v2010.accounts.create()).sid);
  const read = await pages(await world.client.api.v2010.accounts.page({ pageSize: 2 }), (one) => one.sid);
  assert.deepEqual(read.flat(), made);
});

judges("balance", "good", "fetch", async ({ world }) => {
  const balance = await world.client.balance.fetch();
  assert.deepEqual([balance.accountSid, balance.currency], [world.account, "USD"]);
  assert.ok(Number(balance.balance) > 0);
});

for (const [kind, made] of [["keys", "newKeys"], ["signingKeys", "newSigningKeys"]]) {
  judges("keys", "good", kind, async ({ world }) => {
    const key = await world.client[made].create({ friendlyName: "worker" });
    assert.match(key.sid, /^SK/);
    const keys = world.client[kind];
    assert.equal((await keys(key.sid).fetch()).friendlyName, "worker");
    assert.equal((await keys(key.sid).update({ friendlyName: "renamed" })).friendlyName, "renamed");
    assert.ok((await keys.list()).some((one) => one.sid === key.sid));
    const byKey = world.clientAs(key.sid, key.secret);
    assert.deepEqual(await byKey.messages.list(), []);
    assert.equal((await refused(() => byKey.newKeys.create())).code, 20003);
    assert.equal((await refused(() => byKey.api.v2010.accounts(world.account).fetch())).code, 20003);
    assert.equal(await keys(key.sid).remove(), true);
    assert.equal((await refused(() => keys(key.sid).fetch())).code, 20404);
    assert.equal((await refused(() => byKey.messages.list())).code, 20003);
  });

  judges("keys", "paging", `pages of ${kind}`, async ({ world }) => {
    const names = [world.key[0]];
    for (let n = 0; n < 4; n++) names.unshift((await world.client.newKeys.create()).sid);
    const read = await pages(await world.client[kind].page({ pageSize: 2 }), (one) => one.sid);
    assert.deepEqual(read.flat(), names);
  });
}

judges("tokens", "good", "rotation of the auth token", async ({ world, receiver }) => {
  const sub = await world.client.api.v2010.accounts.create();
  const own = world.clientAs(sub.sid, sub.authToken, sub.sid);
  const second = await own.accounts.v1.secondaryAuthToken().create();
  assert.equal((await refused(() => own.accounts.v1.secondaryAuthToken().create())).code, 20409);
  const bySecond = world.clientAs(sub.sid, second.secondaryAuthToken, sub.sid);
  const number = await bySecond.incomingPhoneNumbers.create({ areaCode: "510", smsUrl: receiver.url("/sms") });
  await world.text(MARIA, number.phoneNumber, "Hi");
  const [before] = receiver.take("/sms");
  assert.deepEqual([signed(before, sub.authToken), signed(before, second.secondaryAuthToken)], [true, false]);
  const promoted = await bySecond.accounts.v1.authTokenPromotion().update();
  assert.equal(promoted.authToken, second.secondaryAuthToken);
  assert.equal((await refused(() => own.balance.fetch())).code, 20003);
  await world.text(MARIA, number.phoneNumber, "Hi again");
  const [after] = receiver.take("/sms");
  assert.deepEqual([signed(after, sub.authToken), signed(after, promoted.authToken)], [false, true]);
});

judges("tokens", "good", "a secondary token is taken back", async ({ world }) => {
  const sub = await world.client.api.v2010.accounts.create();
  const own = world.clientAs(sub.sid, sub.authToken, sub.sid);
  const second = await own.accounts.v1.secondaryAuthToken().create();
  assert.equal(await own.accounts.v1.secondaryAuthToken().remove(), true);
  const bySecond = world.clientAs(sub.sid, second.secondaryAuthToken, sub.sid);
  assert.equal((await refused(() => bySecond.balance.fetch())).code, 20003);
});

const ADDRESS = {
  customerName: "Harbor Dental", street: "1 Pier Road", city: "Oakland", region: "CA", postalCode: "94607",
  isoCountry: "US",
};

judges("addresses", "good", "create, fetch, update, list, delete", async ({ world }) => {
  const { addresses } = world.client;
  const given = { ...ADDRESS, friendlyName: "Front desk", streetSecondary: "Suite 2", emergencyEnabled: true };
  const made = await addresses.create({ ...given, autoCorrectAddress: false });
  for (const [name, value] of Object.entries(given)) assert.equal(made[name], value);
  assert.equal((await addresses(made.sid).update({ street: "2 Pier Road" })).street, "2 Pier Road");
  assert.equal((await addresses(made.sid).fetch()).street, "2 Pier Road");
  assert.equal((await addresses.list({ isoCountry: "US", customerName: "Harbor Dental" })).length, 1);
  assert.equal((await addresses.list({ isoCountry: "DE" })).length, 0);
  assert.equal((await addresses.list({ emergencyEnabled: false })).length, 0);
  assert.equal(await addresses(made.sid).remove(), true);
  assert.equal((await refused(() => addresses(made.sid).fetch())).code, 20404);
});

judges("addresses", "paging", "pages", async ({ world }) => {
  for (let n = 0; n < 5; n++) await world.client.addresses.create({ ...ADDRESS, customerName: String(n) });
  const read = await pages(await world.client.addresses.page({ pageSize: 2 }), (one) => one.customerName);
  assert.deepEqual(read, [["4", "3"], ["2", "1"], ["0"]]);
});

judges("credentials", "good", "both forms", async ({ world }) => {
  const [sid, secret] = world.key;
  const byToken = await world.client.api.v2010.accounts(world.account).fetch();
  const byKey = await world.clientAs(sid, secret).api.v2010.accounts(world.account).fetch();
  assert.equal(byToken.sid, byKey.sid);
});

judges("credentials", "good", "an edge and a region lead to the same sandbox", async ({ world }) => {
  const { client } = world;
  const abroad = twilio(world.account, world.token, { httpClient: client.httpClient, region: "ie1", edge: "dublin" });
  const { sid } = await abroad.messages.create({ to: MARIA, from: NUMBER, body: "Hi" });
  assert.equal((await client.messages(sid).fetch()).sid, sid);
  assert.deepEqual(await abroad.messaging.v1.services.list(), []);
});

for (const which of ["token", "key", "nobody", "crossed"]) {
  judges("credentials", "refused", `a wrong ${which}`, async ({ world }) => {
    const [sid] = world.key;
    const [user, password] = {
      token: [world.account, "wrong"], key: [sid, "wrong"], nobody: ["AC" + ABSENT, world.token],
      crossed: [sid, world.token],
    }[which];
    const client = world.clientAs(user, password);
    for (const call of [() => client.messages.list(), () => client.messaging.v1.services.list()]) {
      const error = await refused(call);
      assert.deepEqual([error.status, error.code, error.message], [401, 20003, "Authenticate"]);
    }
  });
}

judges("credentials", "refused", "none", async ({ world }) => {
  const { httpClient } = world.client;
  const { statusCode, headers, body } = await httpClient.request({ method: "get", uri: world.path("Messages") });
  assert.deepEqual([statusCode, body.code], [401, 20003]);
  assert.equal(headers["www-authenticate"], 'Basic realm="Twilio API"');
  assert.equal(body.message, "Authentication Error - No credentials provided");
});
