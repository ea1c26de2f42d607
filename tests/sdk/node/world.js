"use strict";
// A sandbox as the tests see it: the SDK's clients for it, its control API, and how a test is counted.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const test = require("node:test");
const twilio = require("twilio");
const { SandboxRequestClient } = require("../../../assets/sdk/switchboard-sandbox.js");
const { Receiver } = require("./receiver.js");

const { TWILIO_BASE_URL, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_KEY, TWILIO_API_SECRET } = process.env;
const NUMBER = "+14155550100";
const SPARE = "+14155550199";
const MARIA = "+14155550123";
const KIM = "+14155550142";
const LEE = "+12125550187";
const LONDON = "+442071838750";
const SHORT = "89250";
const ABSENT = "0".repeat(32);
const keep = (file, entry) => fs.appendFileSync(file, JSON.stringify({ suite: "node", ...entry }) + "\n");

/** Keeps every answer for the judge that reads Twilio's API description. */
class Recorder extends SandboxRequestClient {
  async request(options) {
    const response = await super.request(options);
    const { statusCode: status, headers } = response;
    const body = typeof response.body === "string" ? response.body : JSON.stringify(response.body);
    const sent = Object.keys({ ...options.params, ...options.data });
    const entry = { sent, test: Recorder.test, method: options.method.toUpperCase(), url: options.uri, status, body };
    keep(process.env.SDK_ANSWERS, { ...entry, headers: { ...headers } });
    return response;
  }
}

class World {
  constructor() {
    this.base = TWILIO_BASE_URL;
    this.account = TWILIO_ACCOUNT_SID;
    this.token = TWILIO_AUTH_TOKEN;
    this.key = [TWILIO_API_KEY, TWILIO_API_SECRET];
    this.client = this.clientAs(this.account, this.token);
  }

  clientAs(user, password, accountSid, options = {}) {
    const httpClient = new Recorder(this.base, { timeout: 30_000, ...options });
    return twilio(user, password, { accountSid: accountSid || this.account, httpClient });
  }

  async control(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${this.base}/sandbox/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const value = await answer.json();
    assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  }

  /** Back to the start, with a clock that stands. */
  async fresh() {
    await this.control("POST", "reset", {});
    await this.control("DELETE", "faults");
    await this.control("POST", "webhooks", { sms: null, status: null, events: null, usage: null });
    const { now } = await this.control("POST", "clock", { paused: true });
    this.now = new Date(now);
  }

  async advance(seconds) {
    this.now = new Date((await this.control("POST", "clock", { advanceSeconds: seconds })).now);
  }

  text(phone, to, body = "", more = {}) {
    return this.control("POST", `phones/${phone}/send`, { to, body, ...more });
  }

  outcome(phone, status, errorCode = null, times = null) {
    return this.control("POST", `phones/${phone}/outcome`, { status, errorCode, times });
  }

  async phone(address) {
    return (await this.control("GET", `phones/${address}`)).messages;
  }

  fault(fault) {
    return this.control("POST", "faults", fault);
  }

  path(tail) {
    return `https://api.twilio.com/2010-04-01/Accounts/${this.account}/${tail}.json`;
  }

  async numberSid(phoneNumber = NUMBER) {
    const [number] = await this.client.incomingPhoneNumbers.list({ phoneNumber });
    return number.sid;
  }

  async configure(settings, phone = NUMBER) {
    return this.client.incomingPhoneNumbers(await this.numberSid(phone)).update(settings);
  }

  send(more = {}) {
    const from = more.messagingServiceSid ? {} : { from: NUMBER };
    return this.client.messages.create({ to: MARIA, body: "Your table is ready", ...from, ...more });
  }

  /** A Verify service. */
  async bank(settings = {}) {
    const { sid } = await this.client.verify.v2.services.create({ friendlyName: "Northwind Bank", ...settings });
    return this.client.verify.v2.services(sid);
  }

  /** The code in the newest text on a handset. */
  async code(address = MARIA) {
    const { body } = (await this.phone(address)).at(-1);
    return body.match(/\d+/g).reduce((a, b) => (b.length > a.length ? b : a));
  }

  has(address) {
    return this.control("GET", `phones/${address}`);
  }

  async service(phones = [], settings = {}) {
    const service = await this.client.messaging.v1.services.create({ friendlyName: "Desk", ...settings });
    const pool = this.client.messaging.v1.services(service.sid).phoneNumbers;
    for (const phone of phones) await pool.create({ phoneNumberSid: await this.numberSid(phone) });
    return service;
  }
}

/** A code of the same length that is another. */
const wrong = (code) => (code[0] === "1" ? "2" : "1") + code.slice(1);

/** The error that a call ends with. */
async function refused(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return assert.fail("the call was not refused");
}

/** All pages from one on, each by what `name` makes of its rows. */
async function pages(page, name) {
  const read = [];
  for (; page; page = await page.nextPage()) read.push(page.instances.map(name));
  return read;
}

const world = new World();
let receiver;
test.before(async () => (receiver = await new Receiver().open()));
test.after(() => receiver.close());

/** Whether a webhook bears the account's signature, by the SDK's own validator. */
const signed = (hook, token = world.token) =>
  twilio.validateRequest(token, hook.signature, hook.url, hook.method === "POST" ? hook.params : {});

/** A test in a fresh world whose clock stands, counted under its resource and its case. */
function judges(resource, kind, name, work, prepare = () => world.fresh()) {
  test(`${resource}, ${kind}: ${name}`, async () => {
    Recorder.test = name;
    let passed = false;
    try {
      await prepare();
      receiver.clear();
      await work({ world, receiver });
      passed = true;
    } finally {
      keep(process.env.SDK_CASES, { resource, case: kind, name, passed });
    }
  });
}

module.exports = {
  judges, pages, refused, signed, world, wrong, Recorder, NUMBER, SPARE, MARIA, KIM, LEE, LONDON, SHORT, ABSENT,
};
