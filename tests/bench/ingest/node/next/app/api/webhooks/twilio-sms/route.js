// The same webhook as a route handler, the stack that the console replaces.
// Loaded at run time as it stands, past the bundler: it is the very code of the other reference.
const { createRequire } = process.getBuiltinModule("node:module");
const { answer } = createRequire(process.env.INGEST_KEEP)("./keep.js");

export const runtime = "nodejs";
export const dynamic = "force-dynamic";

export async function POST(request) {
  const [status, body] = answer(request.headers.get("x-twilio-signature"), await request.text());
  return new Response(body, { status, headers: { "content-type": "text/xml" } });
}
