import { type FileHandle } from "node:fs/promises";

import { OciError } from "../errors.ts";
import { checkPath } from "./tar-entry.ts";

const blockSize = 512;
/** Names and sizes that do not fit a header stand in an entry before it. */
const maxExtension = 64 * 1024;
const maxEntries = 200_000;

/** Where in an archive the content of a file is. */
export interface TarPlace {
  readonly offset: number;
  readonly size: number;
}

interface Header {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/**
 * Finds the files in a tar archive that is not compressed, without reading their contents. Of two with the
 * same name the later one counts. Folders and links are left out.
 *
 * @throws OciError `OCI_ARCHIVE_INVALID`, `OCI_ARCHIVE_UNSAFE` for names that lead out of the archive,
 * `OCI_TOO_LARGE` past 200,000 entries
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export async function indexTar(file: FileHandle): Promise<ReadonlyMap<string, TarPlace>> {
  const { size: total } = await file.stat();
  const found = new Map<string, TarPlace>();
  let extended: { name?: string; size?: number } = {};
  let entries = 0;
  for (let at = 0; ;) {
    const header = readHeader(await readAt(file, at, blockSize), at);
    if (header === undefined) return found;
    if (++entries > maxEntries) throw tooMany();
    const size = extended.size ?? header.size;
    const offset = at + blockSize;
    if (offset + size > total) throw invalid(`${header.name} is cut off`);
    if (header.type === "x" || header.type === "L") {
      const text = await readExtension(file, offset, size);
      const read = header.type === "L" ? { name: text.replace(/\0.*$/s, "") } : paxRecords(text);
      extended = { ...extended, ...read };
    } else {
      const name = checkPath(extended.name ?? header.name);
      if (header.type === "0" || header.type === "7") found.set(name, { offset, size });
      extended = {};
    }
    at = offset + Math.ceil(size / blockSize) * blockSize;
  }
}

/** Nothing for the empty block that ends an archive. */
function readHeader(block: Buffer, at: number): Header | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const sum = block.reduce((total, byte, index) => {
    return total + (index >= 148 && index < 156 ? 0x20 : byte);
  }, 0);
  if (octal(block, 148, 8) !== sum) throw invalid(`there is no header at byte ${at}`);
  const prefix = block.toString("latin1", 257, 262) === "ustar" ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  const type = block.toString("latin1", 156, 157).replace("\0", "0");
  return { name: prefix === "" ? name : `${prefix}/${name}`, type, size: sizeOf(block) };
}

/** Sizes over 8 GiB are binary in GNU's form, with the first bit set. */
function sizeOf(block: Buffer): number {
  const size = (block[124]! & 0x80) === 0 ? octal(block, 124, 12) : binary(block);
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw invalid("a size in it is no number");
}

function binary(block: Buffer): number {
  if ((block[124]! & 0x7f) !== 0 || block.readUIntBE(125, 3) !== 0) return Number.NaN;
  return Number(block.readBigUInt64BE(128));
}

function octal(block: Buffer, at: number, length: number): number {
  const digits = text(block, at, length).trim();
  return digits === "" ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function text(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString("utf8", at, end < 0 || end > at + length ? at + length : end);
}

async function readExtension(file: FileHandle, offset: number, size: number): Promise<string> {
  if (size > maxExtension) throw invalid("a name in it is too long");
  return (await readAt(file, offset, size)).toString("utf8");
}

/** Records "LENGTH KEY=VALUE\n", of which path and size count. */
function paxRecords(content: string): { name?: string; size?: number } {
  const path = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content)?.[1];
  const size = /(?:^|\n)\d+ size=(\d{1,15})\n/.exec(content)?.[1];
  return { ...(path !== undefined && { name: path }), ...(size && { size: Number(size) }) };
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const block = Buffer.alloc(length);
  const { bytesRead } = await file.read(block, 0, length, at);
  if (bytesRead === length) return block;
  throw invalid("it is cut off");
}

function invalid(why: string): OciError {
  return new OciError("OCI_ARCHIVE_INVALID", `Cannot read archive: ${why}`, {
    hint: "It is damaged, or no tar archive without compression: make it again, or copy it again",
  });
}

function tooMany(): OciError {
  const message = `Cannot read archive: it has more than ${maxEntries} entries`;
  return new OciError("OCI_TOO_LARGE", message, { details: { limit: maxEntries } });
}
