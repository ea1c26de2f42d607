"use strict";
// Points twilio-node, as it is, at a Switchboard sandbox: copy this file beside your tests.
//
//     const { SandboxRequestClient } = require("./switchboard-sandbox");
//     const client = twilio(accountSid, authToken, { httpClient: new SandboxRequestClient(base) });
//
// `base`, `accountSid` and `authToken` are in the line that `switchboard sandbox --json` prints. Without a
// base the environment's TWILIO_BASE_URL is taken.

const { RequestClient } = require("twilio");

// https://{product}.twilio.com, https://{product}.{edge}.{region}.twilio.com
const HOST = /^https:\/\/([a-z]+)\.(?:[a-z0-9-]+\.)*twilio\.com(?=\/)/;

/** Where the sandbox has what Twilio has at this URL; other URLs, such as the sandbox's own, stay. */
function sandboxUrl(base, url) {
  return url.replace(HOST, (_, product) => `${base.replace(/\/+$/, "")}/${product}`);
}

/** The SDK's own HTTP client, with its options (`timeout`, `autoRetry`, ...), for another host. */
class SandboxRequestClient extends RequestClient {
  constructor(base = process.env.TWILIO_BASE_URL, options = {}) {
    super(options);
    if (!base) throw new Error("give the sandbox's base URL, or set TWILIO_BASE_URL");
    this.base = base;
  }

  request(options) {
    return super.request({ ...options, uri: sandboxUrl(this.base, options.uri) });
  }
}

module.exports = { SandboxRequestClient, sandboxUrl };
