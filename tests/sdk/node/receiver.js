"use strict";
// A server of the customer's: takes webhooks, checks nothing itself, answers what it is told to.

const http = require("node:http");

const EMPTY = [200, "text/xml", "<Response/>"];

class Receiver {
  async open() {
    this.clear();
    this.server = http.createServer((request, response) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => this.answer(request, Buffer.concat(chunks).toString(), response));
    });
    await new Promise((listening) => this.server.listen(0, "127.0.0.1", listening));
    this.base = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  answer(request, body, response) {
    const url = new URL(request.url, this.base);
    let [status, kind, content] = this.files.get(url.pathname) || [];
    if (!status) {
      const encoded = request.method === "GET" ? url.search : body;
      const params = Object.fromEntries(new URLSearchParams(encoded));
      const { headers, method } = request;
      this.hooks.push({
        method,
        headers,
        params,
        body,
        path: url.pathname,
        url: this.base + request.url,
        signature: headers["x-twilio-signature"] || "",
        token: headers["i-twilio-idempotency-token"] || "",
      });
      [status, kind, content] = (this.answers.get(url.pathname) || []).shift() || EMPTY;
    }
    response.writeHead(status, { "Content-Type": kind });
    response.end(content);
  }

  url(path) {
    return this.base + path;
  }

  /** The next answers at a path: TwiML, or [status, content type, body]. */
  willAnswer(path, ...answers) {
    const full = answers.map((one) => (typeof one === "string" ? [200, "text/xml", one] : one));
    this.answers.set(path, [...(this.answers.get(path) || []), ...full]);
  }

  /** A file under a path, for MediaUrl; fetching it is no webhook. */
  serve(path, kind, content) {
    this.files.set(path, [200, kind, content]);
    return this.url(path);
  }

  /** The webhooks since the last time, in the order they came. */
  take(path) {
    const taken = this.hooks.filter((hook) => !path || hook.path === path);
    this.hooks = this.hooks.filter((hook) => !taken.includes(hook));
    return taken;
  }

  clear() {
    [this.hooks, this.answers, this.files] = [[], new Map(), new Map()];
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((closed) => this.server.close(closed));
  }
}

/** The statuses that callbacks told, in the order they came. */
const statuses = (hooks, sid) =>
  hooks
    .map((hook) => hook.params)
    .filter((params) => params.MessageStatus && (!sid || params.MessageSid === sid))
    .map((params) => params.MessageStatus);

module.exports = { Receiver, statuses };
