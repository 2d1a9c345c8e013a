import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { isTenonError } from "@tenon/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { bytesStream } from "../content/web-stream.ts";
import { extractTar } from "./extract-tar.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-hostile-"));
  await writeFile(join(folder, "sentinel"), "untouched");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A header and what follows it, with nothing checked but the sum. */
interface Block {
  readonly name: Buffer;
  readonly flag: string;
  readonly size: Buffer;
  readonly link: Buffer;
  readonly mode: Buffer;
  readonly prefix: Buffer;
  readonly body: Buffer;
}

const evilNames = [
  "..",
  "../evil",
  "a/../../evil",
  "/etc/evil",
  "//evil",
  "./",
  ".",
  "",
  "a\\..\\..\\evil",
  "C:\\evil",
  "out/../../evil",
  "sentinel",
  "../sentinel",
  "a/./b",
  "a//b",
  "a/",
  "a",
  "a/b",
  "a/b/c",
  "\u0000",
  "con",
  "\u202egnp.exe",
  "\u001b[31m",
  "__proto__",
  "x".repeat(100),
] as const;

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...evilNames).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)) },
);
const octal = (value: number) => Buffer.from(value.toString(8).padStart(11, "0"));
const size = fc.oneof(
  fc.constantFrom(0, 1, 511, 512, 513, 8 ** 11 - 1).map(octal),
  // Numbers of 256 to the power, which GNU tar writes where octal digits do not do.
  fc
    .uint8Array({ minLength: 12, maxLength: 12 })
    .map((bytes) => Buffer.from([0x80, ...bytes.slice(1)])),
  fc.constantFrom("-1", "zzz", "", "1e9").map((text) => Buffer.from(text)),
);
const paxValue = fc.constantFrom(...evilNames, "-1", "1e308", "99999999999", "0", "NaN");
const pax = fc
  .tuple(fc.constantFrom("path", "linkpath", "size", "type", "__proto__"), paxValue)
  .map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    return Buffer.from(`${rest.length + 2}${rest}`);
  });
const body = fc.oneof(
  fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  pax,
);
const block: fc.Arbitrary<Block> = fc.record({
  name,
  flag: fc.constantFrom(..."0000012345567gxLKSZ\0".split("")),
  size: fc.oneof(
    { weight: 3, arbitrary: fc.constant(Buffer.alloc(0)) },
    { weight: 1, arbitrary: size },
  ),
  link: name,
  mode: fc
    .constantFrom("0000644", "0007777", "0000000", "zzzzzzz")
    .map((text) => Buffer.from(text)),
  prefix: fc.oneof(
    { weight: 4, arbitrary: fc.constant(Buffer.alloc(0)) },
    { weight: 1, arbitrary: name },
  ),
  body,
});

function tarOf(blocks: readonly Block[]): Buffer {
  const parts = blocks.flatMap((entry) => {
    const header = Buffer.alloc(512);
    entry.name.copy(header, 0, 0, 100);
    entry.mode.copy(header, 100, 0, 8);
    (entry.size.length === 0 ? octal(entry.body.length) : entry.size).copy(header, 124, 0, 12);
    header.write(entry.flag, 156);
    entry.link.copy(header, 157, 0, 100);
    header.write("ustar\u000000", 257);
    entry.prefix.copy(header, 345, 0, 155);
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, entry.body, Buffer.alloc((512 - (entry.body.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

const codes = [
  "OCI_ARCHIVE_INVALID",
  "OCI_ARCHIVE_UNSAFE",
  "OCI_OUTPUT_UNWRITABLE",
  "OCI_SOURCE_INVALID",
  "OCI_TOO_LARGE",
];
const limits = { maxBytes: 100_000, maxEntries: 20 };

/** Unpacks, and looks that nothing came of it but files and folders in its own place. */
async function unpack(archive: Uint8Array): Promise<"unpacked" | "refused"> {
  const out = join(folder, "out");
  let verdict: "unpacked" | "refused" = "unpacked";
  try {
    await extractTar([bytesStream(archive)], out, limits);
  } catch (error) {
    if (!isTenonError(error) || !codes.includes(error.code)) throw error;
    // oxlint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    verdict = "refused";
  }
  const left = (await readdir(folder)).toSorted();
  expect(left).toEqual(verdict === "unpacked" ? ["out", "sentinel"] : ["sentinel"]);
  expect(await readFile(join(folder, "sentinel"), "utf8")).toBe("untouched");
  if (verdict === "unpacked") {
    const entries = await readdir(out, { recursive: true, withFileTypes: true });
    expect(entries.filter((entry) => !entry.isFile() && !entry.isDirectory())).toEqual([]);
    await rm(out, { recursive: true });
  }
  return verdict;
}

const verdicts = new Set<string>();

describe("extractTar() of hostile archives", () => {
  it("unpacks or refuses what no honest tool packs", async () => {
    const archives = fc.array(block, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(archives, async (blocks) => {
        verdicts.add(await unpack(gzipSync(tarOf(blocks), { level: 1 })));
      }),
      { numRuns: 300, timeout: 5000 },
    );
    // So that neither is a property of nothing.
    expect([...verdicts].toSorted()).toEqual(["refused", "unpacked"]);
  });

  it("unpacks or refuses an archive in which bytes were changed", async () => {
    const honest = ["a", "b/c", "b/d"].map((path) => ({
      name: Buffer.from(path),
      flag: "0",
      size: Buffer.alloc(0),
      link: Buffer.alloc(0),
      mode: Buffer.from("0000644"),
      prefix: Buffer.alloc(0),
      body: Buffer.from(path.repeat(200)),
    }));
    const tar = tarOf(honest);
    const packed = gzipSync(tar, { level: 1 });
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      byte: fc.nat(255),
      end: fc.double({ min: 0, max: 1, noNaN: true }),
      inside: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, byte, end, inside }) => {
        const bytes = Buffer.from(inside ? tar : packed);
        bytes[Math.floor(at * bytes.length)] = byte;
        const cut = bytes.subarray(0, Math.ceil((0.5 + end) * bytes.length));
        await unpack(inside ? gzipSync(cut, { level: 1 }) : cut);
      }),
      { numRuns: 150, timeout: 5000 },
    );
  });

  it("refuses bombs that unfold in each other's place", async () => {
    const zeros = gzipSync(Buffer.alloc(50_000_000));
    const bombs = [
      zeros,
      gzipSync(zeros),
      Buffer.concat(Array.from({ length: 50 }, () => zeros)),
      gzipSync(
        tarOf(Array.from({ length: 21 }, (_, i) => ({ ...many, name: Buffer.from(`${i}`) }))),
      ),
    ];
    for (const bomb of bombs) expect(await unpack(bomb)).toBe("refused");
  });
});

const many: Block = {
  name: Buffer.alloc(0),
  flag: "0",
  size: Buffer.alloc(0),
  link: Buffer.alloc(0),
  mode: Buffer.from("0000644"),
  prefix: Buffer.alloc(0),
  body: Buffer.alloc(0),
};
