import { createHash } from "node:crypto";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import type { Digest } from "@tenon/core";

import type { Content } from "../content/content.ts";
import { spool } from "../content/spool.ts";
import { OciError } from "../errors.ts";
import { type TarEntry, completeEntries, entrySize } from "./tar-entry.ts";
import { encodeHeader, endOfArchive, padding } from "./tar-header.ts";

/** Files up to this size are read ahead, this many at once. */
const smallFile = 128 * 1024;
const lookAhead = 16;
const joinedSize = 64 * 1024;

/** Options of {@link packTar}. */
export interface PackTarOptions {
  /** Folder for archives that are too large for memory; the system's by default. */
  readonly temporary?: string | undefined;
  /** False leaves the archive uncompressed; layers are always compressed. */
  readonly gzip?: boolean | undefined;
  /** False leaves out the entry `.`; layers always have it. */
  readonly root?: boolean | undefined;
  /** Level of gzip; 6 by default. Another one gives another digest. */
  readonly level?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A packed archive; dispose of it to remove its temporary file. */
export interface PackedTar extends Content, AsyncDisposable {
  /** Digest of the archive before compression. */
  readonly diffId: Digest;
}

/**
 * Packs entries into a gzipped tar whose bytes depend on their paths, contents and execute bits
 * only. Missing folders are added, and the root `.` unless it is not wanted.
 *
 * @throws OciError `OCI_ARCHIVE_UNSAFE`, `OCI_SOURCE_INVALID` if a file changes while it is read
 */
export async function packTar(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  options: PackTarOptions = {},
): Promise<PackedTar> {
  const all: TarEntry[] = [];
  for await (const entry of entries) all.push(entry);
  const complete = completeEntries(all).filter(
    ({ path }) => path !== "." || options.root !== false,
  );
  const diff = createHash("sha256");
  const tar = joined(tarBytes(complete), (chunk) => diff.update(chunk));
  const source = Readable.from(tar, { objectMode: false });
  const compressors =
    options.gzip === false ? [] : [createGzip({ level: options.level ?? 6 }), fixedHeader()];
  const { signal, temporary } = options;
  const packed = await spool(
    (sink) => pipeline([source, ...compressors, sink], signal === undefined ? {} : { signal }),
    { temporary },
  );
  return { ...packed, diffId: `sha256:${diff.digest("hex")}` as Digest };
}

/**
 * The bytes of a tar archive without compression, made as they are read: nothing is kept. Entries stand
 * in their order, without the root.
 *
 * @throws OciError as {@link packTar}
 */
export function streamTar(entries: readonly TarEntry[]): AsyncIterable<Uint8Array> {
  return tarBytes(completeEntries(entries).filter(({ path }) => path !== "."));
}

async function* tarBytes(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array, void, void> {
  for await (const { entry, content } of prefetched(entries)) {
    const size = entrySize(entry);
    yield encodeHeader({ path: entry.path, type: entry.type, mode: modeOf(entry), size });
    if (entry.type === "directory") continue;
    yield* content;
    yield padding(size);
  }
  yield endOfArchive;
}

interface Prefetched {
  readonly entry: TarEntry;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Entries in their order, with the small files among the next ones being read meanwhile. */
async function* prefetched(entries: readonly TarEntry[]): AsyncGenerator<Prefetched, void, void> {
  const ahead: Promise<Prefetched>[] = [];
  for (let next = 0; ahead.length > 0 || next < entries.length;) {
    while (ahead.length < lookAhead && next < entries.length) {
      const started = prefetch(entries[next++]!);
      // A failure counts when its turn comes, and not before.
      started.catch(() => undefined);
      ahead.push(started);
    }
    yield await ahead.shift()!;
  }
}

async function prefetch(entry: TarEntry): Promise<Prefetched> {
  const content = contentOf(entry, entrySize(entry));
  if (typeof entry.content !== "function" || entrySize(entry) > smallFile)
    return { entry, content };
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return { entry, content: inOrder(chunks) };
}

async function* inOrder(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* chunks;
}

async function* contentOf(entry: TarEntry, size: number): AsyncGenerator<Uint8Array, void, void> {
  if (typeof entry.content !== "function") {
    yield entry.content ?? Buffer.alloc(0);
    return;
  }
  let seen = 0;
  for await (const chunk of entry.content()) {
    seen += chunk.byteLength;
    if (seen > size) break;
    yield chunk;
  }
  if (seen === size) return;
  throw new OciError(
    "OCI_SOURCE_INVALID",
    `Cannot pack ${entry.path}: it changed while it was read`,
  );
}

function modeOf(entry: TarEntry): number {
  return entry.type === "directory" || ((entry.mode ?? 0) & 0o111) !== 0 ? 0o755 : 0o644;
}

/** Joins small chunks, for each one costs the compressor a turn of its own. */
async function* joined(
  chunks: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, void> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.byteLength;
    if (size < joinedSize) continue;
    const whole = Buffer.concat(parts, size);
    see(whole);
    yield whole;
    parts = [];
    size = 0;
  }
  const rest = Buffer.concat(parts, size);
  see(rest);
  if (size > 0) yield rest;
}

/** zlib writes the number of the system into byte 9 of the gzip header; 255 means unknown. */
function fixedHeader(): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = 9 - seen;
      seen += chunk.length;
      if (at < 0 || at >= chunk.length) return done(null, chunk);
      const copy = Buffer.from(chunk);
      copy[at] = 0xff;
      return done(null, copy);
    },
  });
}
