import { gzipSync } from "node:zlib";

/** An entry of an archive as its header says it, however wrong. */
export interface TarEntry {
  readonly name: string;
  readonly content?: string;
  /** Where a link leads. */
  readonly link?: { readonly to: string; readonly hard?: boolean };
  /** The size in the header; that of the content by default. */
  readonly size?: number;
}

/** Packs entries without any check, which no honest tool does. */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? "");
    return [header(entry, content.length), padded(content)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function header({ name, link, size }: TarEntry, length: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  block.write(name, 0);
  block.write(`${octal(0o644, 7)}\0`, 100);
  block.write(`${octal(0, 7)}\0${octal(0, 7)}\0`, 108);
  block.write(`${octal(size ?? length, 11)}\0${octal(0, 11)}\0`, 124);
  block.write(link === undefined ? "0" : link.hard === true ? "1" : "2", 156);
  block.write(link?.to ?? "", 157);
  block.write("ustar\0" + "00", 257);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
