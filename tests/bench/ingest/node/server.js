// Node's own HTTP server: the leanest that this road can be.
const http = require("node:http");
const { answer } = require("./keep.js");

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const [status, body] = answer(request.headers["x-twilio-signature"], Buffer.concat(parts).toString());
    response.writeHead(status, { "content-type": "text/xml", "content-length": Buffer.byteLength(body) }).end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), "127.0.0.1");
