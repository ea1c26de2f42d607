"use strict";
// Content templates: made, listed, approved by WhatsApp, deleted.

const assert = require("node:assert/strict");
const { judges, refused, world } = require("./world.js");

judges("contents", "good", "a template from its making to its end", async () => {
  const { contents } = world.client.content.v1;
  const made = await contents.create({
    friendly_name: "greeting", language: "en", variables: { 1: "Ana" },
    types: { "twilio/text": { body: "Hi {{1}}" } },
  });
  const again = await contents(made.sid).fetch();
  assert.deepEqual([again.friendlyName, again.language, again.variables], ["greeting", "en", { 1: "Ana" }]);
  const asked = await contents(made.sid).approvalCreate.create({ name: "greeting", category: "UTILITY" });
  assert.deepEqual([asked.name, asked.category, asked.status], ["greeting", "UTILITY", "pending"]);
  assert.equal((await contents(made.sid).approvalFetch().fetch()).whatsapp.status, "pending");
  assert.ok((await contents.list()).some((one) => one.sid === made.sid));
  assert.ok(await contents(made.sid).remove());
  assert.equal((await refused(() => contents(made.sid).fetch())).status, 404);
});
