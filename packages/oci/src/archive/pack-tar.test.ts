import { execFileSync } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { sha256 } from "@tenon/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readAll } from "../content/web-stream.ts";
import { extractTarToMap } from "./extract-tar.ts";
import { packTar } from "./pack-tar.ts";
import { readTree } from "./read-tree.ts";
import { type TarEntry, comparePaths } from "./tar-entry.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-pack-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const text = (path: string, content: string, mode = 0o600): TarEntry => {
  return { path, type: "file", mode, content: Buffer.from(content) };
};

async function bytesOf(entries: Iterable<TarEntry>): Promise<Buffer> {
  const packed = await packTar(entries);
  return readAll(await packed.open(), packed.size, "archive");
}

describe("packTar()", () => {
  it("writes the same bytes for ever", async () => {
    const entries = [
      text("b.txt", "b\n"),
      text("a/run.sh", "#!/bin/sh\n", 0o700),
      text("a.txt", ""),
    ];
    const packed = await packTar(entries);
    const bytes = await readAll(await packed.open(), packed.size, "archive");
    expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    expect(packed.digest).toBe(sha256(bytes));
    expect(packed.diffId).toBe(sha256(gunzipSync(bytes)));
    expect(packed.diffId).toMatchInlineSnapshot(
      `"sha256:732c3868879624cff8cc6907e52d6ce400cda87c46397b5a18bc9abe012bf568"`,
    );
  });

  it("writes what GNU tar lists", async () => {
    const long = `${"d".repeat(60)}/${"e".repeat(60)}/${"f".repeat(90)}`;
    const veryLong = `${"g".repeat(200)}/${"h".repeat(120)}`;
    const entries = [
      text("ü/ß.txt", "x"),
      text(long, "long"),
      text(veryLong, "pax"),
      text("a", "", 0o711),
    ];
    const file = join(folder, "a.tgz");
    await writeFile(file, await bytesOf(entries));
    const listed = execFileSync("tar", ["--quoting-style=literal", "--utc", "-tvzf", file], {
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    const lines = listed.toString().trim().split("\n");
    expect(lines.map((line) => line.replace(/ +/g, " "))).toEqual(
      [
        "drwxr-xr-x 0/0 0 1970-01-01 00:00 .",
        "-rwxr-xr-x 0/0 0 1970-01-01 00:00 a",
        `drwxr-xr-x 0/0 0 1970-01-01 00:00 ${"d".repeat(60)}`,
        `drwxr-xr-x 0/0 0 1970-01-01 00:00 ${"d".repeat(60)}/${"e".repeat(60)}`,
        `-rw-r--r-- 0/0 4 1970-01-01 00:00 ${long}`,
        `drwxr-xr-x 0/0 0 1970-01-01 00:00 ${"g".repeat(200)}`,
        `-rw-r--r-- 0/0 3 1970-01-01 00:00 ${veryLong}`,
        "drwxr-xr-x 0/0 0 1970-01-01 00:00 ü",
        "-rw-r--r-- 0/0 1 1970-01-01 00:00 ü/ß.txt",
      ].map((line) => line),
    );
  });

  it("writes USTAR headers that name folders without a slash", async () => {
    const tar = gunzipSync(await bytesOf([text("cue.mod/module.cue", "x")]));
    const names = [0, 512, 1024].map((at) =>
      tar.toString("latin1", at, at + 100).replace(/\0+$/, ""),
    );
    expect(names).toEqual([".", "cue.mod", "cue.mod/module.cue"]);
    expect(tar.toString("latin1", 257, 265)).toBe("ustar\u000000");
    expect(tar.length).toBe(512 * 6);
  });

  it("depends on nothing but paths, contents and execute bits", async () => {
    for (const [name, mode] of [
      ["one", 0o644],
      ["two", 0o600],
    ] as const) {
      const root = join(folder, name);
      await mkdir(join(root, "sub"), { recursive: true, mode: mode | 0o111 });
      await writeFile(join(root, "sub/a"), "a", { mode });
      await writeFile(join(root, "b"), "b");
      await chmod(join(root, "b"), mode | 0o100);
      await utimes(join(root, "b"), mode, mode);
    }
    const [one, two] = [
      packTar(readTree(join(folder, "one"))),
      packTar(readTree(join(folder, "two"))),
    ];
    expect((await one).digest).toBe((await two).digest);
  });

  it("leaves out repositories of git, also as links and files", async () => {
    await mkdir(join(folder, "sub/.git"), { recursive: true });
    await writeFile(join(folder, "sub/.git/config"), "url = https://user:password@example.com");
    await writeFile(join(folder, ".gitignore"), "x");
    await writeFile(join(folder, "file"), "x");
    await symlink("sub", join(folder, ".git"));
    for (const resolveLinks of [false, true]) {
      const files = await extractTarToMap(
        await (await packTar(readTree(folder, { resolveLinks }))).open(),
      );
      expect([...files.keys()]).toEqual([".gitignore", "file"]);
    }
  });

  it("leaves links out", async () => {
    await writeFile(join(folder, "a"), "a");
    await symlink("a", join(folder, "link"));
    await symlink("/etc", join(folder, "etc"));
    const files = await extractTarToMap(await (await packTar(readTree(folder))).open());
    expect([...files.keys()]).toEqual(["a"]);
  });

  it("takes what links point to where that is asked for", async () => {
    await mkdir(join(folder, "outside"));
    await writeFile(join(folder, "outside/x"), "x");
    await mkdir(join(folder, "tree"));
    await symlink("../outside", join(folder, "tree/dir"));
    await symlink("../outside/x", join(folder, "tree/file"));
    const pack = () => packTar(readTree(join(folder, "tree"), { resolveLinks: true }));
    const files = await extractTarToMap(await (await pack()).open());
    expect([...files.keys()]).toEqual(["dir/x", "file"]);
    await symlink("nowhere", join(folder, "tree/broken"));
    await expect(pack()).rejects.toMatchObject({ code: "OCI_SOURCE_INVALID" });
    await rm(join(folder, "tree/broken"));
    await symlink("../tree", join(folder, "outside/back"));
    await expect(pack()).rejects.toMatchObject({ code: "OCI_SOURCE_INVALID" });
  });

  it("fails when a file changes while it is read", async () => {
    const content = async function* (): AsyncGenerator<Uint8Array, void, void> {
      yield Buffer.from("abc");
    };
    for (const size of [2, 4]) {
      const packing = packTar([{ path: "a", type: "file", size, content }]);
      await expect(packing).rejects.toMatchObject({ code: "OCI_SOURCE_INVALID" });
    }
  });

  it("keeps large archives in a file and removes it", async () => {
    const content = Buffer.from(Array.from({ length: 6_000_000 }, () => Math.random() * 256));
    const packed = await packTar([{ path: "big", type: "file", content }], { temporary: folder });
    expect(packed.size).toBeGreaterThan(5_000_000);
    expect(sha256(await readAll(await packed.open(), packed.size, "archive"))).toBe(packed.digest);
    expect(execFileSync("ls", [folder]).toString()).toMatch(/tenon-spool/);
    await packed[Symbol.asyncDispose]();
    expect(execFileSync("ls", [folder]).toString()).toBe("");
  });

  it("is undone by extraction, whatever the order", async () => {
    const name = fc.stringMatching(/^[a-zé😀 _.-]{1,40}$/u).filter((part) => !/^\.+$/.test(part));
    const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));
    const file = fc.record({
      path,
      content: fc.uint8Array({ maxLength: 1500 }),
      mode: fc.constantFrom(0o644, 0o755),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(file, { selector: (item) => item.path, maxLength: 8 }),
        async (files) => {
          const isFolder = (item: { path: string }) =>
            files.some((other) => other.path.startsWith(`${item.path}/`));
          fc.pre(!files.some(isFolder));
          const entries = files.map((item): TarEntry => ({ ...item, type: "file" }));
          const packed = await packTar(entries);
          const reversed = await packTar(entries.toReversed());
          expect(reversed.digest).toBe(packed.digest);
          const found = await extractTarToMap(await packed.open());
          expect([...found.keys()]).toEqual(files.map((item) => item.path).toSorted(comparePaths));
          for (const item of files) {
            expect(Buffer.from(found.get(item.path)!.data).equals(item.content)).toBe(true);
            expect(found.get(item.path)!.mode).toBe(item.mode);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("readTree()", () => {
  it("takes a single file under its own name", async () => {
    await writeFile(join(folder, "values.yaml"), "a: 1\n");
    const files = await extractTarToMap(
      await (await packTar(readTree(join(folder, "values.yaml")))).open(),
    );
    expect([...files.keys()]).toEqual(["values.yaml"]);
    expect(String(await readFile(join(folder, "values.yaml")))).toBe("a: 1\n");
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it("fails for what is not there", async () => {
    const packing = packTar(readTree(join(folder, "missing")));
    await expect(packing).rejects.toMatchObject({ code: "OCI_SOURCE_INVALID" });
  });
});
