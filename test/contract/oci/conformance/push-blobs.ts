import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";

import { sha256 } from "@tenon/core";
import { expect } from "vitest";

import { type Requirement, section } from "./requirement.ts";
import {
  type Wire,
  codesOf,
  endUpload,
  sendChunk,
  sha512,
  startUpload,
  withQuery,
} from "./wire.ts";

const postThenPut = section("POST then PUT", [
  {
    level: "MUST",
    text: "POST answers 202 with a Location",
    async check(wire) {
      expect(await startUpload(wire, wire.newRepository())).not.toBe("");
    },
  },
  {
    level: "MUST",
    text: "the Location has a UUID of this session alone",
    async check(wire) {
      const repository = wire.newRepository();
      const uuid = /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/;
      const ids = [await startUpload(wire, repository), await startUpload(wire, repository)].map(
        (location) => uuid.exec(location)?.[0],
      );
      expect(ids).not.toContain(undefined);
      expect(ids[0]).not.toBe(ids[1]);
    },
  },
  {
    level: "MUST",
    text: "PUT answers 201 with a Location from which the blob can be pulled",
    async check(wire) {
      const repository = wire.newRepository();
      const bytes = randomBytes(200_000);
      const location = await startUpload(wire, repository);
      const ended = await endUpload(wire, location, sha256(bytes), bytes);
      expect(ended.status).toBe(201);
      await expectPullable(wire, ended.headers["location"], bytes);
    },
  },
  {
    level: "MUST",
    text: "content that does not have the digest is refused, and not there afterwards",
    async check(wire) {
      const repository = wire.newRepository();
      const digest = sha256("right");
      const location = await startUpload(wire, repository);
      const answer = await endUpload(wire, location, digest, Buffer.from("wrong"));
      expect([answer.status, codesOf(answer)]).toEqual([400, ["DIGEST_INVALID"]]);
      expect((await wire.send("HEAD", `/v2/${repository}/blobs/${digest}`)).status).toBe(404);
    },
  },
  {
    level: "MUST",
    text: "content that breaks off before its Content-Length is not there afterwards",
    async check(wire) {
      const repository = wire.newRepository();
      const bytes = Buffer.from("0123456789");
      const location = await startUpload(wire, repository);
      // The digest is that of what arrives, so that only the length tells.
      const target = withQuery(location, `digest=${sha256(bytes)}`);
      await sendPart(wire, target, bytes, bytes.length + 5);
      const { status } = await wire.send("HEAD", `/v2/${repository}/blobs/${sha256(bytes)}`);
      expect(status).toBe(404);
    },
  },
]);

const singlePost = section("Single POST", [
  {
    level: "MUST",
    text: "answers 201 with a Location from which the blob can be pulled, or 202 and goes on by PUT",
    async check(wire) {
      const repository = wire.newRepository();
      const bytes = randomBytes(500);
      const digest = sha256(bytes);
      const answer = await post(wire, `/v2/${repository}/blobs/uploads/?digest=${digest}`, bytes);
      expect([201, 202]).toContain(answer.status);
      const location = answer.headers["location"] ?? "";
      const ended = answer.status === 201 ? answer : await endUpload(wire, location, digest, bytes);
      expect(ended.status).toBe(201);
      await expectPullable(wire, ended.headers["location"], bytes);
    },
  },
  {
    level: "MUST",
    text: "content that does not have the digest is not there afterwards",
    async check(wire) {
      const repository = wire.newRepository();
      const digest = sha256("right");
      const target = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
      expect([202, 400]).toContain((await post(wire, target, Buffer.from("wrong"))).status);
      expect((await wire.send("HEAD", `/v2/${repository}/blobs/${digest}`)).status).toBe(404);
    },
  },
]);

const chunks = section("Pushing a blob in chunks", [
  {
    level: "MUST",
    text: "a chunk is answered with 202, a Location and a Range to the last byte",
    async check(wire) {
      const location = await startUpload(wire, wire.newRepository());
      const first = await sendChunk(wire, location, 0, randomBytes(100));
      expect([first.status, first.headers["range"]]).toEqual([202, "0-99"]);
      const next = first.headers["location"] ?? "";
      const second = await sendChunk(wire, next, 100, randomBytes(50));
      expect([second.status, second.headers["range"]]).toEqual([202, "0-149"]);
      expect(second.headers["location"]).toBeDefined();
    },
  },
  {
    level: "MUST",
    text: "the session is closed by a PUT without content after the last chunk",
    async check(wire) {
      const repository = wire.newRepository();
      const bytes = randomBytes(300);
      const location = await sendAll(wire, repository, bytes, [100, 100, 100]);
      const ended = await endUpload(wire, location, sha256(bytes));
      expect(ended.status).toBe(201);
      await expectPullable(wire, ended.headers["location"], bytes);
    },
  },
  {
    level: "MUST",
    text: "the last chunk may come with the PUT that closes the session",
    async check(wire) {
      const repository = wire.newRepository();
      const bytes = randomBytes(300);
      const location = await sendAll(wire, repository, bytes, [100, 150]);
      const ended = await wire.send("PUT", withQuery(location, `digest=${sha256(bytes)}`), {
        headers: { "content-type": "application/octet-stream", "content-range": "250-299" },
        body: bytes.subarray(250),
      });
      expect(ended.status).toBe(201);
      await expectPullable(wire, ended.headers["location"], bytes);
    },
  },
  {
    level: "MUST",
    text: "a chunk that leaves a gap is 416",
    async check(wire) {
      const location = await sendAll(wire, wire.newRepository(), randomBytes(100), [100]);
      expect((await sendChunk(wire, location, 150, randomBytes(10))).status).toBe(416);
    },
  },
  {
    level: "MUST",
    text: "a chunk that comes again is 416",
    async check(wire) {
      const bytes = randomBytes(100);
      const location = await sendAll(wire, wire.newRepository(), bytes, [100]);
      expect((await sendChunk(wire, location, 0, bytes)).status).toBe(416);
    },
  },
  {
    level: "MUST",
    text: "a first chunk that does not begin with 0 is 416",
    async check(wire) {
      const location = await startUpload(wire, wire.newRepository());
      expect((await sendChunk(wire, location, 1, randomBytes(10))).status).toBe(416);
    },
  },
  {
    level: "MUST",
    text: "a closing PUT whose chunk is out of order is 416",
    async check(wire) {
      const bytes = randomBytes(100);
      const location = await sendAll(wire, wire.newRepository(), bytes, [50]);
      const ended = await wire.send("PUT", withQuery(location, `digest=${sha256(bytes)}`), {
        headers: { "content-type": "application/octet-stream", "content-range": "60-109" },
        body: bytes.subarray(50),
      });
      expect(ended.status).toBe(416);
    },
  },
  {
    level: "MUST",
    text: "a Content-Range is inclusive on both ends: one that does not fit the chunk is refused",
    async check(wire) {
      const location = await startUpload(wire, wire.newRepository());
      const answer = await wire.send("PATCH", location, {
        headers: { "content-type": "application/octet-stream", "content-range": "0-10" },
        body: randomBytes(10),
      });
      expect([400, 416]).toContain(answer.status);
    },
  },
  {
    level: "MUST",
    text: "GET of the session answers 204 with a Location and a Range",
    async check(wire) {
      const location = await sendAll(wire, wire.newRepository(), randomBytes(100), [60, 40]);
      const { headers, status } = await wire.send("GET", location);
      expect([status, headers["range"]]).toEqual([204, "0-99"]);
      expect(headers["location"]).toBeDefined();
    },
  },
  {
    level: "MUST",
    text: "GET of the session after a 416 tells where to go on",
    async check(wire) {
      const repository = wire.newRepository();
      const bytes = randomBytes(150);
      const location = await sendAll(wire, repository, bytes, [100]);
      expect((await sendChunk(wire, location, 120, randomBytes(10))).status).toBe(416);
      const status = await wire.send("GET", location);
      expect([status.status, status.headers["range"]]).toEqual([204, "0-99"]);
      const next = status.headers["location"] ?? "";
      const last = await sendChunk(wire, next, 100, bytes.subarray(100));
      const ended = await endUpload(wire, last.headers["location"] ?? "", sha256(bytes));
      expect(ended.status).toBe(201);
      await expectPullable(wire, ended.headers["location"], bytes);
    },
  },
  {
    level: "MUST",
    text: "a PUT without the digest of the whole blob is refused",
    async check(wire) {
      const location = await sendAll(wire, wire.newRepository(), randomBytes(10), [10]);
      expect((await wire.send("PUT", location)).status).toBe(400);
      for (const digest of [sha256("other"), "sha256:123", "md5:abc"]) {
        const again = await sendAll(wire, wire.newRepository(), randomBytes(10), [10]);
        expect((await endUpload(wire, again, digest)).status).toBe(400);
      }
    },
  },
  {
    level: "MUST",
    text: "a session that is not known, or is closed, is 404",
    async check(wire) {
      const repository = wire.newRepository();
      const bytes = randomBytes(10);
      const location = await sendAll(wire, repository, bytes, [10]);
      expect((await endUpload(wire, location, sha256(bytes))).status).toBe(201);
      expect((await wire.send("GET", location)).status).toBe(404);
      expect((await sendChunk(wire, location, 10, bytes)).status).toBe(404);
      expect((await endUpload(wire, location, sha512(bytes))).status).toBe(404);
    },
  },
]);

const mounts = section("Mounting a blob from another repository", [
  {
    level: "MUST",
    text: "answers 201 with a Location from which the blob can be pulled, or 202 and begins a session",
    async check(wire) {
      const [from, repository] = [wire.newRepository(), wire.newRepository()];
      const { bytes, digest } = await wire.pushBlob(from);
      await expectMount(wire, repository, `mount=${digest}&from=${from}`, bytes);
    },
  },
  {
    level: "SHOULD",
    text: "mounts what is there, with 201",
    async check(wire) {
      const [from, repository] = [wire.newRepository(), wire.newRepository()];
      const { digest } = await wire.pushBlob(from);
      const query = `mount=${digest}&from=${from}`;
      expect((await post(wire, `/v2/${repository}/blobs/uploads/?${query}`)).status).toBe(201);
    },
  },
  {
    level: "SHOULD",
    text: "answers 202 and begins a session when there is no such blob or repository",
    async check(wire) {
      const from = wire.newRepository();
      await wire.pushBlob(from);
      const bytes = randomBytes(10);
      for (const source of [from, wire.newRepository()]) {
        const query = `mount=${sha256(bytes)}&from=${source}`;
        const repository = wire.newRepository();
        const answer = await post(wire, `/v2/${repository}/blobs/uploads/?${query}`);
        expect(answer.status).toBe(202);
        const location = answer.headers["location"] ?? "";
        expect((await endUpload(wire, location, sha256(bytes), bytes)).status).toBe(201);
      }
    },
  },
  {
    level: "SHOULD",
    text: "answers 201 or 202 also without from",
    async check(wire) {
      const [from, repository] = [wire.newRepository(), wire.newRepository()];
      const { bytes, digest } = await wire.pushBlob(from);
      await expectMount(wire, repository, `mount=${digest}`, bytes);
    },
  },
]);

/** What the specification demands of pushes of blobs. */
export const pushBlobs: readonly Requirement[] = [
  ...postThenPut,
  ...singlePost,
  ...chunks,
  ...mounts,
];

async function expectPullable(
  wire: Wire,
  location: string | undefined,
  bytes: Buffer,
): Promise<void> {
  const { status, body } = await wire.send("GET", location ?? "");
  expect([status, sha256(body)]).toEqual([200, sha256(bytes)]);
}

async function expectMount(
  wire: Wire,
  repository: string,
  query: string,
  bytes: Buffer,
): Promise<void> {
  const answer = await post(wire, `/v2/${repository}/blobs/uploads/?${query}`);
  expect([201, 202]).toContain(answer.status);
  const location = answer.headers["location"] ?? "";
  const ended =
    answer.status === 201 ? answer : await endUpload(wire, location, sha256(bytes), bytes);
  expect(ended.status).toBe(201);
  await expectPullable(wire, ended.headers["location"], bytes);
  const { status } = await wire.send("GET", `/v2/${repository}/blobs/${sha256(bytes)}`);
  expect(status).toBe(200);
}

function post(wire: Wire, target: string, body: Buffer = Buffer.alloc(0)) {
  const headers = { "content-type": "application/octet-stream" };
  return wire.send("POST", target, { headers, body });
}

/** Sends the beginning of a blob in chunks of these sizes; the answer is where to go on. */
async function sendAll(
  wire: Wire,
  repository: string,
  bytes: Buffer,
  sizes: readonly number[],
): Promise<string> {
  let location = await startUpload(wire, repository);
  let at = 0;
  for (const size of sizes) {
    const answer = await sendChunk(wire, location, at, bytes.subarray(at, at + size));
    expect(answer.status, answer.body.toString()).toBe(202);
    location = answer.headers["location"] ?? "";
    at += size;
  }
  return location;
}

/** Sends less than its Content-Length says, and hangs up. */
async function sendPart(wire: Wire, target: string, bytes: Buffer, length: number): Promise<void> {
  const { hostname, port } = new URL(wire.origin);
  const { pathname, search } = new URL(target, wire.origin);
  const socket = connect(Number(port), hostname);
  const head = [
    `PUT ${pathname}${search} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    "Content-Type: application/octet-stream",
    `Content-Length: ${length}`,
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), bytes]));
  socket.resume();
  await once(socket, "close");
}
