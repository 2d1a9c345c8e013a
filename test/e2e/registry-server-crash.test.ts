import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { type RegistryServerProcess, startRegistryServer } from "../support/registry-server.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { Random } from "./faults/random.ts";

const IMAGE = "application/vnd.oci.image.manifest.v1+json";
const rounds = 4;
const servers = 2;
const writersOfEach = 3;
const seed = Number(process.env["TENON_TEST_SEED"] ?? 20_261);

describe("tenon registry serve on a folder", () => {
  it(`keeps what it acknowledged when its processes are killed (seed ${seed})`, async () => {
    await using dir = await tempDir();
    const random = new Random(seed);
    const books: Book[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = await startAll(dir);
      const stop = new AbortController();
      const writers = started.flatMap((server, index) =>
        Array.from({ length: writersOfEach }, (_, writer) => {
          const book: Book = { tag: `r${round}-s${index}-w${writer}`, acknowledged: [], last: [] };
          books.push(book);
          return write(server.host, book, random.int(0, 2 ** 31), stop.signal);
        }),
      );
      // The processes die one after the other, each in the middle of what the others do.
      for (const server of started) {
        await new Promise((resolve) => setTimeout(resolve, 30 + random.int(0, 250)));
        await server.kill();
      }
      stop.abort();
      await Promise.all(writers);
    }
    expect(books.some(({ acknowledged }) => acknowledged.length > 0)).toBe(true);
    await using server = await startRegistryServer({ flags: ["--dir", dir.file("data"), "-q"] });
    // The next write takes away what the killed processes left.
    const after: Book = { tag: "after", acknowledged: [], last: [] };
    await pushImage(server.host, after, Buffer.from("after"));
    for (const book of [...books, after]) await checkBook(server.host, book);
    await checkFolder(dir.file("data"));
  });
});

/** What one writer was told. */
interface Book {
  readonly tag: string;
  /** Digests of manifests whose push was answered with 201. */
  readonly acknowledged: string[];
  /** The digests that the tag may point to: the last that was acknowledged, and one without an answer. */
  last: string[];
}

const repository = "crash/app";

function startAll(dir: TempDir): Promise<RegistryServerProcess[]> {
  const flags = ["--dir", dir.file("data"), "-q"];
  return Promise.all(Array.from({ length: servers }, () => startRegistryServer({ flags })));
}

/** Pushes images under one tag until the server does not answer any more. */
async function write(
  host: string,
  book: Book,
  ownSeed: number,
  signal: AbortSignal,
): Promise<void> {
  const random = new Random(ownSeed);
  try {
    for (let count = 0; !signal.aborted; count++) {
      const content = Buffer.alloc(random.int(1, 400_000), `${book.tag} ${count} `);
      await pushImage(host, book, content, signal);
    }
  } catch (error) {
    // The server was killed; anything else is a failure.
    if (!(error instanceof TypeError) && !signal.aborted) throw error;
  }
}

async function pushImage(
  host: string,
  book: Book,
  content: Buffer,
  signal?: AbortSignal,
): Promise<void> {
  const layer = await pushBlob(host, content, signal);
  const config = await pushBlob(host, Buffer.from("{}"), signal);
  const text = JSON.stringify({ schemaVersion: 2, mediaType: IMAGE, config, layers: [layer] });
  const digest = digestOf(text);
  book.last = [...book.last.slice(0, 1), digest];
  const target = `http://${host}/v2/${repository}/manifests/${book.tag}`;
  const message = { method: "PUT", headers: { "content-type": IMAGE }, body: text };
  const answer = await fetch(target, { ...message, signal: signal ?? null });
  expect(answer.status).toBe(201);
  book.acknowledged.push(digest);
  book.last = [digest];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function pushBlob(host: string, bytes: Buffer, signal?: AbortSignal): Promise<Descriptor> {
  const digest = digestOf(bytes);
  const uploads = `http://${host}/v2/${repository}/blobs/uploads/`;
  const begun = await fetch(uploads, { method: "POST", signal: signal ?? null });
  expect(begun.status).toBe(202);
  const session = new URL(begun.headers.get("location") ?? "", uploads);
  const half = bytes.length >> 1;
  const part = (chunk: Buffer) => ({ body: new Uint8Array(chunk), signal: signal ?? null });
  await fetch(session, { method: "PATCH", ...part(bytes.subarray(0, half)) });
  session.searchParams.set("digest", digest);
  const ended = await fetch(session, { method: "PUT", ...part(bytes.subarray(half)) });
  expect(ended.status, await ended.text()).toBe(201);
  return { mediaType: "application/octet-stream", digest, size: bytes.length };
}

/** All that was acknowledged can be read, whole, and the tag is where it was put last. */
async function checkBook(host: string, book: Book): Promise<void> {
  for (const digest of book.acknowledged) {
    const manifest = await read(host, `manifests/${digest}`, digest);
    const { config, layers } = JSON.parse(manifest) as { config: Descriptor; layers: Descriptor[] };
    for (const blob of [config, ...layers]) await read(host, `blobs/${blob.digest}`, blob.digest);
  }
  if (book.acknowledged.length === 0) return;
  const tag = await fetch(`http://${host}/v2/${repository}/manifests/${book.tag}`);
  expect(tag.status).toBe(200);
  expect(book.last).toContain(digestOf(Buffer.from(await tag.arrayBuffer())));
}

async function read(host: string, target: string, digest: string): Promise<string> {
  const answer = await fetch(`http://${host}/v2/${repository}/${target}`);
  expect(answer.status, target).toBe(200);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(digestOf(bytes)).toBe(digest);
  return bytes.toString();
}

/** Every blob is what its name says, and no file is left that is neither a blob nor of the layout. */
async function checkFolder(root: string): Promise<void> {
  const others: string[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(path.join(root, repository), file);
    if (name.startsWith("blobs/sha256/")) {
      expect(`sha256:${entry.name}`, name).toBe(digestOf(await readFile(file)));
    } else others.push(name);
  }
  expect(others.toSorted()).toEqual(["index.json", "oci-layout"]);
}

function digestOf(content: Buffer | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
