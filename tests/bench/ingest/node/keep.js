// One signed inbound SMS, kept for good before it is answered: what both references do.
const Database = require("better-sqlite3");
const twilio = require("twilio");

const db = new Database(process.env.INGEST_DB);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
  CREATE TABLE IF NOT EXISTS conversations (id INTEGER PRIMARY KEY, address TEXT UNIQUE, last TEXT, unread INTEGER);
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, sid TEXT UNIQUE, conversation INTEGER, body TEXT, at INTEGER);
  CREATE INDEX IF NOT EXISTS thread ON messages (conversation, at);
`);
const upsert = db.prepare(`
  INSERT INTO conversations (address, last, unread) VALUES (?, ?, 1)
  ON CONFLICT (address) DO UPDATE SET last = excluded.last, unread = unread + 1 RETURNING id`);
const insert = db.prepare(
  "INSERT INTO messages (sid, conversation, body, at) VALUES (?, ?, ?, ?) ON CONFLICT (sid) DO NOTHING");
const known = db.prepare("SELECT 1 FROM messages WHERE sid = ?");
const keep = db.transaction((form) => {
  if (known.get(form.MessageSid)) return;
  const { id } = upsert.get(form.From, form.Body);
  insert.run(form.MessageSid, id, form.Body, Date.now());
});

const TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

// Status and body of the answer.
function answer(signature, text) {
  const form = Object.fromEntries(new URLSearchParams(text));
  if (!twilio.validateRequest(process.env.INGEST_TOKEN, signature ?? "", process.env.INGEST_URL, form)) {
    return [403, ""];
  }
  keep(form);
  return [200, TWIML];
}

module.exports = { answer };
