import { crc32 } from "node:zlib";

/** An entry of an archive that a test makes up. */
export interface ZipEntry {
  readonly name: string;
  readonly content: string;
  /** Type and permissions as Unix has them; a regular file by default. */
  readonly mode?: number | undefined;
  /** The size that the archive claims. */
  readonly size?: number | undefined;
}

/** Writes a zip file without compression, whatever its entries are. */
export function zipArchive(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const index: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(entry.size ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const file = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, name, content]);
    files.push(file);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    // The index has the version of the writer, which tells that modes are those of Unix.
    index.push(Buffer.from("PK\u0001\u0002"), Buffer.from([20, 3]), common, rest, name);
    offset += file.length;
  }
  const listed = Buffer.concat(index);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, listed, Buffer.from("PK\u0005\u0006"), end]);
}
