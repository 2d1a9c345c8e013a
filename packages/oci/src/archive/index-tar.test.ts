import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { indexTar } from "./index-tar.ts";
import { streamTar } from "./pack-tar.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "tenon-index-tar-"));
});
afterAll(() => rm(dir, { recursive: true }));

/** The contents that the index finds in an archive. */
async function contentsOf(bytes: Uint8Array): Promise<Record<string, string>> {
  const path = join(dir, "archive.tar");
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    const index = await indexTar(file);
    const texts = [...index].map(([name, { offset, size }]) => [
      name,
      Buffer.from(bytes).toString("utf8", offset, offset + size),
    ]);
    return Object.fromEntries(texts) as Record<string, string>;
  } finally {
    await file.close();
  }
}

const long = `blobs/sha512/${"0f".repeat(64)}`;

describe("indexTar()", () => {
  it("finds what packTar writes, with long names too", async () => {
    const entry = (path: string, text: string) =>
      ({ path, type: "file", content: Buffer.from(text) }) as const;
    const tar = streamTar([entry("a/b", "one"), entry(long, "two"), entry("ä", "")]);
    expect(await contentsOf(await buffer(tar))).toEqual({ "a/b": "one", [long]: "two", ä: "" });
  });

  it("finds what other programs write, and takes the later of two", async () => {
    const tar = pack();
    tar.entry({ name: "./dir", type: "directory" });
    tar.entry({ name: "./dir/link", type: "symlink", linkname: "/etc/passwd" });
    tar.entry({ name: "./dir/a" }, "old");
    tar.entry({ name: "./dir/a" }, "new");
    tar.entry({ name: long, pax: { path: long } }, "long");
    tar.finalize();
    expect(await contentsOf(await buffer(tar))).toEqual({ "dir/a": "new", [long]: "long" });
  });

  it("rejects archives that are cut off, compressed or lead out", async () => {
    const whole = await buffer(
      streamTar([{ path: "a", type: "file", content: Buffer.alloc(900) }]),
    );
    for (const length of [0, 100, 512, 1500]) {
      await expect(contentsOf(whole.subarray(0, length))).rejects.toMatchObject({
        code: "OCI_ARCHIVE_INVALID",
      });
    }
    await expect(contentsOf(Buffer.alloc(2048, 0x1f))).rejects.toMatchObject({
      code: "OCI_ARCHIVE_INVALID",
    });
    const tar = pack();
    tar.entry({ name: "../a" }, "x");
    tar.finalize();
    await expect(contentsOf(await buffer(tar))).rejects.toMatchObject({
      code: "OCI_ARCHIVE_UNSAFE",
    });
  });
});
