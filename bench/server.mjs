// The registry server against docker-registry, on a folder each, with the same client for both.
import { createHash, randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import path from "node:path";

import { startDockerRegistry } from "./docker-registry.mjs";
import { compare, report } from "./measure.mjs";

const parallel = 8;
const agent = new Agent({ keepAlive: true, maxSockets: parallel });

/** Measures pushes and pulls of one large blob and of many small ones. */
export async function server({ tools, scratch, serve, children }) {
  if (tools.TENON_TEST_DOCKER_REGISTRY === undefined) {
    console.log("server: docker-registry is not to be had here");
    return;
  }
  const dir = path.join(scratch, "server");
  const ours = await serve(["registry", "serve", "-q", "--address", "127.0.0.1:0", "--dir", dir]);
  const folder = path.join(scratch, "docker-registry");
  const { child, host: theirs } = await startDockerRegistry(
    tools.TENON_TEST_DOCKER_REGISTRY,
    folder,
  );
  children.push(child);
  const large = [blobOf(randomBytes(256 * 1024 * 1024))];
  const small = Array.from({ length: 500 }, () => blobOf(randomBytes(4096)));
  await measure("of 256 MiB", large, { ours, theirs });
  await measure("of 500 blobs of 4 KiB", small, { ours, theirs });
  agent.destroy();
}

async function measure(title, blobs, { ours, theirs }) {
  let n = 0;
  const pushAll = (host) => {
    const repository = `bench/run-${blobs.length}-${n++}`;
    return timed(() => each(blobs, (blob) => push(host, repository, blob)));
  };
  const inTurns = (step) =>
    compare(
      () => step(ours),
      () => step(theirs),
      { runs: 5 },
    );
  report(`server: push ${title} / docker-registry`, await inTurns(pushAll));
  const held = `bench/held-${blobs.length}`;
  for (const host of [ours, theirs]) await each(blobs, (blob) => push(host, held, blob));
  const pullAll = (host) => timed(() => each(blobs, (blob) => pull(host, held, blob)));
  report(`server: pull ${title} / docker-registry`, await inTurns(pullAll));
}

/** Begins a session and sends the blob to it, as most clients do. */
async function push(host, repository, { bytes, digest }) {
  const begun = await send(`http://${host}/v2/${repository}/blobs/uploads/`, "POST");
  const target = new URL(begun.headers.location, `http://${host}`);
  target.searchParams.set("digest", digest);
  const { statusCode } = await send(target, "PUT", bytes);
  if (statusCode !== 201) throw new Error(`push to ${host}: ${statusCode}`);
}

async function pull(host, repository, { bytes, digest }) {
  const { size } = await send(`http://${host}/v2/${repository}/blobs/${digest}`, "GET");
  if (size !== bytes.length) throw new Error(`pull from ${host}: ${size} bytes`);
}

function send(target, method, body) {
  const headers = { "content-length": body?.length ?? 0 };
  return new Promise((resolve, reject) => {
    const sent = request(target, { method, agent, headers });
    sent.once("error", reject);
    sent.once("response", (response) => {
      let size = 0;
      response.on("data", (chunk) => (size += chunk.length));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ size, headers: response.headers, statusCode: response.statusCode }),
      );
    });
    sent.end(body);
  });
}

/** Calls `step` for each item, some of them at once. */
async function each(items, step) {
  const left = [...items];
  const work = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await step(item);
  };
  await Promise.all(Array.from({ length: parallel }, work));
}

async function timed(step) {
  const start = performance.now();
  await step();
  return performance.now() - start;
}

function blobOf(bytes) {
  return { bytes, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}
