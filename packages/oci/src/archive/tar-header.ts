import { Buffer } from "node:buffer";

const blockSize = 512;
const nameLength = 100;
const prefixLength = 155;
const maxOctalSize = 8 ** 11 - 1;

/** What a header says of an entry. Owner 0, no user names and time 0 are the same for all. */
export interface TarHeader {
  readonly path: string;
  readonly type: "file" | "directory";
  readonly mode: number;
  readonly size: number;
}

/** The header blocks of an entry: USTAR where it fits, else with a PAX header before it. */
export function encodeHeader(header: TarHeader): Buffer {
  const split = splitPath(header.path);
  const records: [string, string][] = [];
  if (split === undefined) records.push(["path", header.path]);
  if (header.size > maxOctalSize) records.push(["size", String(header.size)]);
  const [prefix, name] = split ?? ["", truncate(header.path)];
  const flag = header.type === "directory" ? "5" : "0";
  const block = ustar({ prefix, name, flag, mode: header.mode, size: header.size });
  return records.length === 0 ? block : Buffer.concat([paxHeader(records, header.path), block]);
}

/** The zero bytes that fill the last block of a content. */
export function padding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** The two empty blocks that end an archive. */
export const endOfArchive: Buffer = Buffer.alloc(2 * blockSize);

function ustar(fields: {
  prefix: string;
  name: string;
  flag: string;
  mode: number;
  size: number;
}): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(fields.name, 0, nameLength, "utf8"); // offset 0, length 100
  block.write(octal(fields.mode, 8), 100, "latin1"); // offset 100, length 8
  block.write(octal(0, 8), 108, "latin1"); // uid, offset 108, length 8
  block.write(octal(0, 8), 116, "latin1"); // gid, offset 116, length 8
  block.write(octal(Math.min(fields.size, maxOctalSize), 12), 124, "latin1"); // offset 124, length 12
  block.write(octal(0, 12), 136, "latin1"); // time, offset 136, length 12
  block.write(fields.flag, 156, "latin1"); // offset 156, length 1
  block.write("ustar\u000000", 257, "latin1"); // magic and version, offset 257, length 8
  block.write(octal(0, 8), 329, "latin1"); // device major, offset 329, length 8
  block.write(octal(0, 8), 337, "latin1"); // device minor, offset 337, length 8
  block.write(fields.prefix, 345, prefixLength, "utf8"); // offset 345, length 155
  block.write("        ", 148, "latin1"); // the checksum counts itself as spaces
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1"); // offset 148, length 8
  return block;
}

function paxHeader(records: readonly [string, string][], path: string): Buffer {
  const body = Buffer.from(records.map(([key, value]) => paxRecord(key, value)).join(""));
  const slash = path.lastIndexOf("/");
  const name = truncate(`${path.slice(0, slash + 1)}PaxHeaders.0/${path.slice(slash + 1)}`);
  const header = ustar({ prefix: "", name, flag: "x", mode: 0, size: body.length });
  return Buffer.concat([header, body, padding(body.length)]);
}

/** "LENGTH KEY=VALUE\n", where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

/** The path as prefix and name, or nothing if USTAR cannot hold it. */
function splitPath(path: string): [string, string] | undefined {
  if (!/^[\x20-\x7e]*$/.test(path)) return undefined;
  if (path.length <= nameLength) return ["", path];
  if (path.length > prefixLength + nameLength + 1) return undefined;
  const slash = path.lastIndexOf("/", prefixLength);
  if (slash <= 0 || path.length - slash - 1 > nameLength) return undefined;
  return [path.slice(0, slash), path.slice(slash + 1)];
}

function truncate(path: string): string {
  return path.replace(/[^\x20-\x7e]/gu, "").slice(0, nameLength);
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, "0")}\u0000`;
}
