import { posix } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import { messageOf } from "@tenon/core";
import { type Header, extract } from "tar-stream";

import { tooLarge } from "../content/web-stream.ts";
import { OciError, foreignText } from "../errors.ts";
import { checkPath, isInGit, unsafe } from "./tar-entry.ts";

/** The most bytes that the files of one archive may have together: 100 MiB. */
export const MAX_UNPACKED_BYTES: number = 100 * 1024 * 1024;
/** The most entries that one archive may have. */
export const MAX_ARCHIVE_ENTRIES = 65_536 as const;

/** What may be in an archive. */
export interface UnpackLimits {
  readonly maxBytes?: number | undefined;
  readonly maxEntries?: number | undefined;
  /** False reads an archive that is not compressed; layers always are. */
  readonly gzip?: boolean | undefined;
}

/** An entry that has been checked. `content` must be read before the next entry is asked for. */
export interface ReadEntry {
  readonly path: string;
  readonly type: "file" | "directory";
  readonly mode: number;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Reads a gzipped tar entry by entry. Symbolic links that stay inside are left out, and `.git`.
 *
 * @throws OciError `OCI_ARCHIVE_INVALID` for what is no gzipped tar, `OCI_ARCHIVE_UNSAFE` for paths
 * and links that lead out, hard links and devices, `OCI_TOO_LARGE` past a limit
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  limits: UnpackLimits = {},
): AsyncGenerator<ReadEntry, void, void> {
  const budget = createBudget(limits);
  const parser = extract();
  const stop = new AbortController();
  let isDrained = false;
  const source = async function* (): AsyncGenerator<Uint8Array, void, void> {
    yield* chunks;
    isDrained = true;
  };
  const decompressors = limits.gzip === false ? [] : [createGunzip()];
  const feeding = pipeline(
    [
      Readable.from(source(), { objectMode: false }),
      ...decompressors,
      budget.meter(),
      parser as unknown as NodeJS.WritableStream,
    ],
    { signal: stop.signal },
  );
  // The failure is thrown below; until then it must not count as unhandled.
  feeding.catch(() => undefined);
  try {
    for await (const entry of parser) {
      const checked = checkEntry(entry.header, budget);
      if (checked === undefined || isInGit(checked.path)) entry.resume();
      else yield { ...checked, content: explained(entry as AsyncIterable<Uint8Array>, feeding) };
    }
    await feeding;
    // What comes after the archive has not been verified, so it must not be there.
    if (!isDrained) throw new Error("there is data after its end");
  } catch (error) {
    throw invalidArchive(await firstFailure(feeding, error));
  } finally {
    stop.abort();
  }
}

interface Budget {
  take(header: Header): void;
  meter(): Transform;
}

function createBudget(limits: UnpackLimits): Budget {
  const maxBytes = limits.maxBytes ?? MAX_UNPACKED_BYTES;
  const maxEntries = limits.maxEntries ?? MAX_ARCHIVE_ENTRIES;
  // Beside the contents there are headers and padding, and little else in an honest archive.
  const maxStream = maxBytes + maxEntries * 1024 + 1024 * 1024;
  let bytes = 0;
  let entries = 0;
  let streamed = 0;
  return {
    take(header) {
      bytes += header.size ?? 0;
      entries++;
      if (bytes > maxBytes) throw tooLarge("archive", maxBytes);
      if (entries <= maxEntries) return;
      const message = `Cannot use archive: it has more than ${maxEntries} entries`;
      throw new OciError("OCI_TOO_LARGE", message, { details: { limit: maxEntries } });
    },
    meter: () =>
      new Transform({
        transform(chunk: Buffer, _encoding, done) {
          streamed += chunk.length;
          if (streamed > maxStream) done(tooLarge("archive", maxBytes));
          else done(null, chunk);
        },
      }),
  };
}

function checkEntry(header: Header, budget: Budget): Omit<ReadEntry, "content"> | undefined {
  budget.take(header);
  const path = checkPath(header.name);
  const mode = (header.mode ?? 0o644) & 0o777;
  switch (header.type) {
    case "file":
    case "contiguous-file":
      if (path === ".") throw unsafe(header.name, "it is a file without a name");
      return { path, type: "file", mode, size: header.size ?? 0 };
    case "directory":
      // The parser would wait for it for ever.
      if (header.size !== 0) throw unsafe(header.name, "it is a directory with content");
      return { path, type: "directory", mode, size: 0 };
    case "symlink":
      if (leadsOut(path, header.linkname ?? "")) {
        throw unsafe(header.name, "it is a link that leads out of the archive");
      }
      return undefined;
    case "link":
    case "block-device":
    case "character-device":
    case "fifo":
      throw unsafe(header.name, `a ${header.type} is not allowed`);
    default:
      throw unsafe(header.name, "its kind is not known");
  }
}

/** Links are not made, but one that would leave the folder shows that the archive means harm. */
function leadsOut(path: string, target: string): boolean {
  if (posix.isAbsolute(target) || target.includes("\\")) return true;
  const reached = posix.normalize(posix.join(posix.dirname(path), target));
  return reached === ".." || reached.startsWith("../");
}

/** The content of an entry, whose failures are those of the archive. */
async function* explained(
  content: AsyncIterable<Uint8Array>,
  feeding: Promise<void>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* content;
  } catch (error) {
    throw invalidArchive(await firstFailure(feeding, error));
  }
}

/** The failure that came first: the parser reports only that its input ended. */
async function firstFailure(feeding: Promise<void>, error: unknown): Promise<unknown> {
  if (error instanceof OciError) return error;
  try {
    await feeding;
    return error;
  } catch (cause) {
    return cause;
  }
}

function invalidArchive(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof OciError) return cause;
  if (cause.name === "AbortError") return cause;
  const { code = "" } = cause as NodeJS.ErrnoException;
  const isCut = code === "STREAM_DESTROYED" || code.endsWith("PREMATURE_CLOSE");
  // Other codes are those of the source: a file, a connection.
  if (code !== "" && !code.startsWith("Z_") && !isCut) return cause;
  const why = isCut ? "it is cut off" : foreignText(messageOf(cause));
  return new OciError("OCI_ARCHIVE_INVALID", `Cannot read archive: ${why}`, {
    hint: "It is damaged, or no gzipped tar: publish it again",
    cause,
  });
}
