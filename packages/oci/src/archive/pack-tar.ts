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

/** Options of {@link packTar}. */
export interface PackTarOptions {
  /** Folder for archives that are too large for memory; the system's by default. */
  readonly temporary?: string | undefined;
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
 * only. Missing folders and the root `.` are added.
 *
 * @throws OciError `OCI_ARCHIVE_UNSAFE`, `OCI_SOURCE_INVALID` if a file changes while it is read
 */
export async function packTar(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  options: PackTarOptions = {},
): Promise<PackedTar> {
  const all: TarEntry[] = [];
  for await (const entry of entries) all.push(entry);
  const diff = createHash("sha256");
  const tar = tapped(tarBytes(completeEntries(all)), (chunk) => diff.update(chunk));
  const gzip = createGzip({ level: options.level ?? 6 });
  const packed = await spool(
    async (sink) => {
      const pipes = [Readable.from(tar, { objectMode: false }), gzip, fixedHeader()] as const;
      await pipeline(...pipes, sink, options.signal ? { signal: options.signal } : {});
    },
    { temporary: options.temporary },
  );
  return { ...packed, diffId: `sha256:${diff.digest("hex")}` as Digest };
}

async function* tarBytes(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array, void, void> {
  for (const entry of entries) {
    const size = entrySize(entry);
    yield encodeHeader({ path: entry.path, type: entry.type, mode: modeOf(entry), size });
    if (entry.type === "directory") continue;
    yield* contentOf(entry, size);
    yield padding(size);
  }
  yield endOfArchive;
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

async function* tapped(
  chunks: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    see(chunk);
    if (chunk.byteLength > 0) yield chunk;
  }
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
