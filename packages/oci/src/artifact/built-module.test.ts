import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { packTar } from "../archive/pack-tar.ts";
import { readTree } from "../archive/read-tree.ts";
import { createLayout } from "../layout/layout.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import { buildArtifact, buildModuleArtifact, isPacked } from "./build-artifact.ts";
import { isBuilt, openBuiltModule } from "./open-built-module.ts";
import { pullModule } from "./pull-module.ts";
import { pushArtifact } from "./push-artifact.ts";
import { type LayoutFormat, writeLayout } from "./write-layout.ts";

const module: Readonly<Record<string, string>> = {
  "cue.mod/module.cue": 'module: "example.com/app"\n',
  "timoni.cue": "package main\n",
  "values.cue": "package main\n",
  "timoni.ignore": "/dist/\n",
};

let root = "";
let dir = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tenon-built-"));
  dir = join(root, "app");
  for (const [path, content] of Object.entries(module)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function build(name: string, format: LayoutFormat, version = "1.0.0"): Promise<string> {
  await using artifact = await buildModuleArtifact(dir, { version });
  await writeLayout(artifact, join(root, name), { format, tags: [version] });
  return join(root, name);
}

/** Writes the layout in a folder as an archive. */
async function archive(layout: string): Promise<Buffer> {
  await using tar = await packTar(readTree(layout), { gzip: false });
  return Buffer.from(await new Response(await tar.open()).arrayBuffer());
}

describe("writeLayout()", () => {
  it("writes the same bytes for the same files, and leaves nothing else", async () => {
    const first = await readFile(await build("a.tar", "oci-archive"));
    expect(await readFile(await build("deep/b.tar", "oci-archive"))).toEqual(first);
    expect(await archive(await build("layout", "oci-layout"))).toHaveLength(first.length + 512);
    expect((await readdir(root)).toSorted()).toEqual(["a.tar", "app", "deep", "layout"]);
  });

  it("writes over nothing, and nothing where it cannot write", async () => {
    await build("a.tar", "oci-archive");
    for (const format of ["oci-archive", "oci-layout"] as const) {
      const again = build("a.tar", format, "2.0.0");
      await expect(again).rejects.toMatchObject({ code: "OCI_OUTPUT_EXISTS" });
      const below = build("a.tar/below", format);
      await expect(below).rejects.toMatchObject({ code: "OCI_OUTPUT_UNWRITABLE" });
    }
    expect((await readdir(root)).toSorted()).toEqual(["a.tar", "app"]);
  });
});

describe("openBuiltModule()", () => {
  it("gives what was built, so that it is pushed with the same digest", async () => {
    await using built = await buildModuleArtifact(dir, { version: "1.0.0" });
    for (const format of ["oci-archive", "oci-layout"] as const) {
      await using opened = await openBuiltModule(await build(format, format));
      expect(opened).toMatchObject({ version: "1.0.0", digest: built.digest });
      expect([...opened.files.keys()].toSorted()).toEqual(Object.keys(module).toSorted());
      const registry = createMemoryRegistry();
      const { digest } = await pushArtifact(registry, "org/app", opened, ["1.0.0"]);
      expect(digest).toBe(built.digest);
      const pulled = await pullModule(registry, { repository: "org/app", tag: "1.0.0" });
      expect(pulled.files).toEqual(opened.files);
    }
  });

  it("takes one manifest under several names", async () => {
    const layout = await build("layout", "oci-layout");
    const { digest } = await createLayout(layout).resolveManifest("any", "1.0.0");
    const { bytes, descriptor } = await createLayout(layout).readManifest("any", digest);
    const { mediaType } = descriptor;
    await createLayout(layout).pushManifest("any", { mediaType, bytes }, { tags: ["latest"] });
    await using opened = await openBuiltModule(layout);
    expect(opened.digest).toBe(digest);
  });

  it("refuses a layout with several manifests, and names them", async () => {
    const layout = await build("layout", "oci-layout");
    await using other = await buildModuleArtifact(dir, { version: "1.1.0" });
    await pushArtifact(createLayout(layout), "any", other, ["1.1.0"]);
    await expect(openBuiltModule(layout)).rejects.toMatchObject({
      code: "OCI_LAYOUT_INVALID",
      message: `Cannot use OCI layout ${layout}: it holds 2 manifests where one is meant: 1.0.0, 1.1.0`,
    });
  });

  it("refuses what is no module", async () => {
    await using generic = await buildArtifact(dir);
    const path = join(root, "generic.tar");
    await writeLayout(generic, path, { format: "oci-archive", tags: ["x"] });
    await expect(openBuiltModule(path)).rejects.toMatchObject({
      code: "OCI_UNSUPPORTED_MEDIA_TYPE",
      message: `Cannot use OCI layout ${path}: it is no module: its layers are ["generic"], must be ["module/vendor","module"]`,
    });
  });

  it("refuses what is damaged, says of which file that is, and leaves nothing behind", async () => {
    const good = await build("good", "oci-layout");
    const manifest = (await createLayout(good).resolveManifest("any", "1.0.0")).digest;
    const { layers, config } = JSON.parse(await readFile(blob(good, manifest), "utf8")) as Record<
      "layers",
      { digest: string }[]
    > & { config: { digest: string } };
    const [vendor, own] = layers.map(({ digest }) => digest) as [string, string];
    const damages: Readonly<Record<string, Damage>> = {
      "no oci-layout": ["OCI_LAYOUT_INVALID", "oci-layout", undefined],
      "unknown version": ["OCI_LAYOUT_INVALID", "oci-layout", '{"imageLayoutVersion":"2.0.0"}'],
      "no version": ["OCI_LAYOUT_INVALID", "oci-layout", "{}"],
      "no index": ["OCI_LAYOUT_INVALID", "index.json", undefined],
      "index without manifests": ["OCI_LAYOUT_INVALID", "index.json", '{"manifests":[]}'],
      "index that is no JSON": ["OCI_LAYOUT_INVALID", "index.json", "{"],
      "index with nonsense": ["OCI_MANIFEST_INVALID", "index.json", '{"manifests":[null]}'],
      "no manifest": ["OCI_MANIFEST_UNKNOWN", blob("", manifest), undefined],
      "another manifest": ["OCI_DIGEST_MISMATCH", blob("", manifest), "{}"],
      "no config": ["OCI_BLOB_UNKNOWN", blob("", config.digest), undefined],
      "another config": ["OCI_SIZE_MISMATCH", blob("", config.digest), "{}"],
      "no layer": ["OCI_BLOB_UNKNOWN", blob("", vendor), undefined],
      "a swapped layer": ["OCI_SIZE_MISMATCH", blob("", own), "swapped"],
    };
    const temporary = join(root, "temporary");
    await mkdir(temporary);
    for (const [name, [code, file, content]] of Object.entries(damages)) {
      const layout = join(root, name);
      const path = `${layout}.tar`;
      await writeFile(path, await damaged(good, file, content));
      await expect(openBuiltModule(path, { temporary }), name).rejects.toMatchObject({
        code,
        message: expect.stringContaining(` OCI layout ${path}: `) as string,
      });
    }
    expect(await readdir(temporary)).toEqual([]);
  });

  it("refuses a layer with one byte changed", async () => {
    const layout = await build("layout", "oci-layout");
    for (const name of await readdir(join(layout, "blobs/sha256"))) {
      const file = join(layout, "blobs/sha256", name);
      const bytes = await readFile(file);
      const changed = Buffer.from(bytes);
      // In an archive this is a part of its time, which is not looked at.
      changed.writeUInt8(changed.readUInt8(4) ^ 1, 4);
      await writeFile(file, changed);
      await expect(openBuiltModule(layout), name).rejects.toMatchObject({
        code: "OCI_DIGEST_MISMATCH",
      });
      await writeFile(file, bytes);
    }
  });

  it("refuses files that are no archives of layouts", async () => {
    const whole = await readFile(await build("whole.tar", "oci-archive"));
    const files = {
      compressed: [gzipSync(whole), "OCI_ARCHIVE_INVALID"],
      text: ["package main\n".repeat(100), "OCI_ARCHIVE_INVALID"],
      cut: [whole.subarray(0, whole.length - 2000), "OCI_ARCHIVE_INVALID"],
      empty: ["", "OCI_LAYOUT_INVALID"],
      outside: [await evilArchive(), "OCI_ARCHIVE_UNSAFE"],
    } as const;
    for (const [name, [content, code]] of Object.entries(files)) {
      const path = join(root, name);
      await writeFile(path, content);
      await expect(openBuiltModule(path), name).rejects.toMatchObject({
        code,
        message: expect.stringContaining(` OCI layout ${path}: `) as string,
      });
    }
  });
});

describe("isBuilt()", () => {
  it("tells files and layouts from folders of modules", async () => {
    expect(await isBuilt(await build("a.tar", "oci-archive"))).toBe(true);
    expect(await isBuilt(await build("layout", "oci-layout"))).toBe(true);
    expect(await isBuilt(dir)).toBe(false);
    expect(await isBuilt(join(root, "nowhere"))).toBe(false);
  });
});

describe("isPacked()", () => {
  it("tells files that would be packed from those that are outside or ignored", async () => {
    expect(await isPacked(dir, join(dir, "a.tar"))).toBe(true);
    expect(await isPacked(dir, join(dir, "cue.mod/a.tar"))).toBe(true);
    expect(await isPacked(dir, join(dir, "dist/a.tar"))).toBe(false);
    expect(await isPacked(dir, join(root, "a.tar"))).toBe(false);
    expect(await isPacked(dir, `${dir}.tar`)).toBe(false);
  });
});

/** The code of the failure, the file, and its new content if it is not removed. */
type Damage = readonly [string, string, string | undefined];

function blob(layout: string, digest: string): string {
  return join(layout, "blobs", digest.replace(":", "/"));
}

async function damaged(layout: string, file: string, content: string | undefined): Promise<Buffer> {
  const path = join(layout, file);
  const before = await readFile(path);
  await rm(path);
  if (content !== undefined) await writeFile(path, content);
  try {
    return await archive(layout);
  } finally {
    await writeFile(path, before);
  }
}

/** An archive whose entry leads out of it. */
async function evilArchive(): Promise<Buffer> {
  await using tar = await packTar(
    [{ path: "xx/evil", type: "file", content: Buffer.from("evil") }],
    { gzip: false, root: false },
  );
  const bytes = Buffer.from(await new Response(await tar.open()).arrayBuffer());
  // The second entry is the file; the name stands first in its header, the checksum at 148.
  bytes.write("../evil", 512, "latin1");
  bytes.fill(" ", 512 + 148, 512 + 156);
  const sum = bytes.subarray(512, 1024).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 512 + 148, "latin1");
  return bytes;
}
