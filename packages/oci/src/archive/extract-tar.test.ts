import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { bytesStream, readAll } from "../content/web-stream.ts";
import { extractTar, extractTarToMap } from "./extract-tar.ts";
import { packTar } from "./pack-tar.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-extract-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface RawEntry {
  readonly name: string;
  readonly flag?: string;
  readonly body?: string;
  readonly mode?: number;
  readonly link?: string;
  readonly size?: number;
}

/** A tar without any check of what is in it. */
function rawTar(...entries: readonly RawEntry[]): Buffer {
  const blocks = entries.flatMap(
    ({ name, flag = "0", body = "", mode = 0o644, link = "", size }) => {
      const block = Buffer.alloc(512);
      block.write(name, 0);
      block.write(mode.toString(8).padStart(7, "0"), 100);
      block.write((size ?? body.length).toString(8).padStart(11, "0"), 124);
      block.write("        ", 148);
      block.write(flag, 156);
      block.write(link, 157);
      block.write("ustar\u000000", 257);
      const sum = block.reduce((total, byte) => total + byte, 0);
      block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
      return [block, Buffer.from(body), Buffer.alloc((512 - (body.length % 512)) % 512)];
    },
  );
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const stream = (bytes: Uint8Array): ReadableStream<Uint8Array> => bytesStream(bytes);
const archive = (...entries: readonly RawEntry[]) => stream(gzipSync(rawTar(...entries)));
const out = () => join(folder, "out");

describe("extractTar()", () => {
  it.each([
    ["an absolute path", { name: "/etc/evil" }, "OCI_ARCHIVE_UNSAFE"],
    ["a path that leads out", { name: "../evil" }, "OCI_ARCHIVE_UNSAFE"],
    ["a path that leads out from within", { name: "a/../../evil" }, "OCI_ARCHIVE_UNSAFE"],
    ["a folder that leads out", { name: "..", flag: "5" }, "OCI_ARCHIVE_UNSAFE"],
    ["a backslash", { name: "a\\..\\evil" }, "OCI_ARCHIVE_UNSAFE"],
    ["an empty name", { name: "" }, "OCI_ARCHIVE_UNSAFE"],
    ["a hard link", { name: "a", flag: "1", link: "/etc/passwd" }, "OCI_ARCHIVE_UNSAFE"],
    ["a character device", { name: "a", flag: "3" }, "OCI_ARCHIVE_UNSAFE"],
    ["a block device", { name: "a", flag: "4" }, "OCI_ARCHIVE_UNSAFE"],
    ["a folder with content", { name: "a", flag: "5", body: "x" }, "OCI_ARCHIVE_UNSAFE"],
    ["a pipe", { name: "a", flag: "6" }, "OCI_ARCHIVE_UNSAFE"],
    ["an unknown kind", { name: "a", flag: "Z" }, "OCI_ARCHIVE_UNSAFE"],
    ["more than 100 MiB", { name: "a", size: 100 * 1024 * 1024 + 1 }, "OCI_TOO_LARGE"],
    ["a file that the archive does not hold", { name: "a", size: 4000 }, "OCI_ARCHIVE_INVALID"],
    ["a file in a file", { name: "ok/inner", body: "x" }, "OCI_ARCHIVE_INVALID"],
  ])("refuses %s and writes nothing", async (_, entry, code) => {
    const extracting = extractTar([archive({ name: "ok", body: "ok" }, entry)], out());
    await expect(extracting).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  });

  it("leaves symbolic links out, so that nothing is written through them", async () => {
    const entries = [
      { name: "sub/link", flag: "2", link: "../other" },
      { name: "sub/link/inner", body: "inside" },
    ];
    await extractTar([archive(...entries)], out());
    expect(await readFile(join(out(), "sub/link/inner"), "utf8")).toBe("inside");
  });

  it("leaves repositories of git as they are, and makes none", async () => {
    await mkdir(join(out(), ".git"), { recursive: true });
    await writeFile(join(out(), ".git/config"), "mine");
    const names = [
      ".git/config",
      ".GIT/config",
      "a/.git/hooks/x",
      "b/GIT~1",
      ".g\u200cit/x",
      ".git",
    ];
    const entries = names.map((name) => ({ name, body: "evil" }));
    const folders = [".git", "c/.git"].map((name) => ({ name, flag: "5", mode: 0o755 }));
    const kept = [".gitignore", "d/x.git"].map((name) => ({ name, body: "kept" }));
    await extractTar([archive(...folders, ...entries, ...kept)], out());
    expect((await readdir(out(), { recursive: true })).toSorted()).toEqual(
      [".git", ".git/config", ".gitignore", "d", "d/x.git"].toSorted(),
    );
    expect(await readFile(join(out(), ".git/config"), "utf8")).toBe("mine");
    const inMemory = await extractTarToMap(archive(...folders, ...entries, ...kept));
    expect([...inMemory.keys()]).toEqual([".gitignore", "d/x.git"]);
  });

  it.each(["/tmp", "../..", "../../etc/passwd", "a/../../..", "..\\..\\x"])(
    "refuses a symbolic link to %s and writes nothing",
    async (link) => {
      const entries = [
        { name: "file", body: "x" },
        { name: "sub/link", flag: "2", link },
      ];
      await expect(extractTar([archive(...entries)], out())).rejects.toMatchObject({
        code: "OCI_ARCHIVE_UNSAFE",
      });
      await expect(readFile(join(out(), "file"), "utf8")).rejects.toThrow("ENOENT");
    },
  );

  it.each([
    ["no gzip", Buffer.from("not an archive")],
    ["no tar", gzipSync(Buffer.alloc(2048, "x"))],
    ["a gzip that is cut off", gzipSync(rawTar({ name: "a", body: "abc" })).subarray(0, 40)],
    [
      "a tar that is cut off",
      gzipSync(rawTar({ name: "a", body: "x".repeat(2000) }).subarray(0, 900)),
    ],
    [
      "data after the end",
      Buffer.concat([gzipSync(rawTar({ name: "a" })), Buffer.alloc(300_000, 7)]),
    ],
    ["nothing", Buffer.alloc(0)],
  ])("refuses %s", async (_, bytes) => {
    await expect(extractTar([stream(bytes)], out())).rejects.toMatchObject({
      code: "OCI_ARCHIVE_INVALID",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses bombs of zeros, of entries and of headers", async () => {
    const zeros = gzipSync(rawTar({ name: "a", body: "\0".repeat(5_000_000) }));
    const small = extractTar([stream(zeros)], out(), { maxBytes: 1_000_000 });
    await expect(small).rejects.toMatchObject({ code: "OCI_TOO_LARGE" });
    const many = rawTar(...Array.from({ length: 50 }, (_, index) => ({ name: `f${index}` })));
    const entries = extractTar([stream(gzipSync(many))], out(), { maxEntries: 49 });
    await expect(entries).rejects.toMatchObject({ code: "OCI_TOO_LARGE" });
    const headers = rawTar({ name: "x", flag: "x", body: "1".repeat(5_000_000) });
    await expect(extractTar([stream(gzipSync(headers))], out())).rejects.toMatchObject({
      code: "OCI_ARCHIVE_INVALID",
    });
  });

  it("replaces files and keeps others", async () => {
    await mkdir(join(out(), "sub"), { recursive: true });
    await writeFile(join(out(), "sub/stale"), "stale");
    await writeFile(join(out(), "sub/old"), "old", { mode: 0o600 });
    await extractTar(
      [
        archive({ name: "sub/old", body: "first", mode: 0o755 }),
        archive({ name: "sub/old", body: "second" }, { name: "new/deep", body: "x" }),
      ],
      out(),
    );
    expect(await readFile(join(out(), "sub/old"), "utf8")).toBe("second");
    expect(await readFile(join(out(), "sub/stale"), "utf8")).toBe("stale");
    expect(await readFile(join(out(), "new/deep"), "utf8")).toBe("x");
    expect(await readdir(folder)).toEqual(["out"]);
  });

  it("gives files their modes without special bits", async () => {
    await extractTar(
      [archive({ name: "run", mode: 0o4755 }, { name: "d", flag: "5", mode: 0 })],
      out(),
    );
    expect((await stat(join(out(), "run"))).mode & 0o7777).toBe(0o755);
    expect((await stat(join(out(), "d"))).mode & 0o700).toBe(0o700);
  });

  it("does not follow links that lie in the folder", async () => {
    const outside = join(folder, "outside");
    await mkdir(outside);
    await mkdir(out());
    await symlink(outside, join(out(), "sub"));
    await symlink(join(outside, "file"), join(out(), "file"));
    await extractTar([archive({ name: "file", body: "mine" })], out());
    expect(await readFile(join(out(), "file"), "utf8")).toBe("mine");
    const extracting = extractTar([archive({ name: "sub/evil", body: "x" })], out());
    await expect(extracting).rejects.toMatchObject({ code: "OCI_SOURCE_INVALID" });
    expect(await readdir(outside)).toEqual([]);
  });

  it("refuses to replace a file by the tree", async () => {
    await writeFile(out(), "file");
    const extracting = extractTar([archive({ name: "a" })], out());
    await expect(extracting).rejects.toMatchObject({ code: "OCI_SOURCE_INVALID" });
    expect(await readFile(out(), "utf8")).toBe("file");
  });
});

describe("extractTarToMap()", () => {
  it("reads what other tools write", async () => {
    const pax = "30 mtime=1700000000.123456789\n";
    const entries = [
      { name: "x", flag: "x", body: pax },
      { name: "./a/b", body: "b" },
      { name: "old", flag: "\0", body: "v7" },
      { name: "", flag: "L", body: "", size: 0 },
    ];
    const files = await extractTarToMap(archive(...entries.slice(0, 3)));
    expect([...files].map(([path, { data }]) => [path, String(Buffer.from(data))])).toEqual([
      ["a/b", "b"],
      ["old", "v7"],
    ]);
  });

  it("reads and writes archives that are not compressed, where that is asked for", async () => {
    const entry = { path: "a", type: "file", content: Buffer.from("x") } as const;
    const packed = await packTar([entry], { gzip: false });
    expect(packed.digest).toBe(packed.diffId);
    const files = await extractTarToMap(await packed.open(), { gzip: false });
    expect([...files.keys()]).toEqual(["a"]);
    const asLayer = extractTarToMap(await packed.open());
    await expect(asLayer).rejects.toMatchObject({ code: "OCI_ARCHIVE_INVALID" });
  });

  it("does not let names reach the prototype", async () => {
    const files = await extractTarToMap(archive({ name: "__proto__", body: "x" }));
    expect([...files.keys()]).toEqual(["__proto__"]);
  });

  it("reads an archive that comes byte by byte", async () => {
    const packed = await packTar([{ path: "a/b", type: "file", content: Buffer.from("hello") }]);
    const bytes = await readAll(await packed.open(), packed.size, "archive");
    const single = async function* (): AsyncGenerator<Uint8Array, void, void> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    };
    const files = await extractTarToMap(single());
    expect(String(Buffer.from(files.get("a/b")!.data))).toBe("hello");
    expect(gunzipSync(bytes).length % 512).toBe(0);
  });
});
