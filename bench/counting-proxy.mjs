// A plain HTTP proxy in front of an API server that counts requests and bytes. It prints its address
// as JSON; GET /counts answers and starts again from zero. A process of its own, so that what it
// measures does not wait for it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Agent, request } from "node:https";

import { parse } from "yaml";

const config = parse(await readFile(process.argv[2], "utf8"));
const [{ cluster }] = config.clusters;
const [{ user }] = config.users;
const target = new URL(cluster.server);
const ca = Buffer.from(cluster["certificate-authority-data"], "base64");
const agent = new Agent({ keepAlive: true, ca });
let counts = { requests: 0, writes: 0, bytes: 0 };

const server = createServer((incoming, outgoing) => {
  if (incoming.url === "/counts") {
    outgoing.end(JSON.stringify(counts));
    counts = { requests: 0, writes: 0, bytes: 0 };
    return;
  }
  counts.requests++;
  if (incoming.method !== "GET" && !incoming.url.includes("dryRun=All")) counts.writes++;
  const { method, url: path } = incoming;
  const headers = {
    ...incoming.headers,
    host: target.host,
    authorization: `Bearer ${user.token}`,
  };
  const { hostname: host, port } = target;
  const upstream = request({ agent, host, port, method, path, headers }, (response) => {
    outgoing.writeHead(response.statusCode, response.headers);
    response.on("data", (chunk) => (counts.bytes += chunk.length));
    response.pipe(outgoing);
  });
  upstream.on("error", () => outgoing.destroy());
  outgoing.on("close", () => upstream.destroy());
  incoming.on("data", (chunk) => (counts.bytes += chunk.length));
  incoming.pipe(upstream);
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ server: `http://127.0.0.1:${server.address().port}` }));
});
