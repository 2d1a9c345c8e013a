import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Digest, sha256 } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { copyArtifact } from "../artifact/copy-artifact.ts";
import { bytesContent } from "../content/content.ts";
import { IMAGE_MANIFEST } from "../media-types.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import type { Registry } from "../registry.ts";
import { archiveExport } from "./archive-export.ts";
import { type FindKnown, type ExportFolder, openExportFolder } from "./export-folder.ts";
import { openExport } from "./export-reader.ts";

let dir: string;
let source: Registry;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "tenon-export-"));
  source = createMemoryRegistry();
});
afterEach(() => rm(dir, { recursive: true }));

const repository = "ghcr.io/app";
const about = { bundle: "shop", platforms: [], isPartial: false };

async function push(text: string): Promise<Digest> {
  const blob = bytesContent(Buffer.from(text));
  await source.pushBlob("app", blob, blob.open);
  const part = { mediaType: "text/plain", digest: blob.digest, size: blob.size };
  const body = { schemaVersion: 2, mediaType: IMAGE_MANIFEST, config: part, layers: [part] };
  const bytes = Buffer.from(JSON.stringify(body));
  return (await source.pushManifest("app", { mediaType: IMAGE_MANIFEST, bytes })).digest;
}

async function fill(digest: Digest, findKnown?: FindKnown): Promise<ExportFolder> {
  const folder = openExportFolder(join(dir, "folder"), findKnown);
  const from = { registry: folder.withKept(source), repository: "app" };
  await copyArtifact(from, { registry: folder.target, repository }, { digest });
  folder.add({ repository, tag: "1.0", role: "image", digest });
  await folder.finish(about);
  return folder;
}

async function readBlob(path: string, digest: Digest): Promise<string> {
  await using reader = await openExport(path);
  const { stream } = await reader.source.readBlob(repository, { digest });
  return new Response(stream).text();
}

const blobs = async (): Promise<string[]> => readdir(join(dir, "folder/blobs/sha256"));

describe("an export", () => {
  it("is read from a folder and from an archive", async () => {
    const digest = await push("content");
    const folder = await fill(digest);
    expect(await readBlob(join(dir, "folder"), sha256("content"))).toBe("content");
    const archive = join(dir, "out.tar");
    await archiveExport(folder, join(dir, "folder"), archive);
    expect(await readdir(dir)).toEqual(["out.tar"]);
    expect(await readBlob(archive, sha256("content"))).toBe("content");
    await using reader = await openExport(archive);
    expect(reader.index).toMatchObject({
      ...about,
      manifests: [{ repository, tag: "1.0", role: "image", descriptor: { digest } }],
    });
  });

  it("has nothing of an earlier one, or of a run that was killed", async () => {
    await fill(await push("old"));
    await writeFile(join(dir, "folder/blobs/sha256/.half"), "half");
    const digest = await push("new");
    await fill(digest);
    const names = [digest, sha256("new")].map((one) => one.replace("sha256:", ""));
    expect((await blobs()).toSorted()).toEqual(names.toSorted());
  });

  it("leaves out blobs that another place has, and says so when they are asked for", async () => {
    const digest = await push("content");
    const folder = await fill(digest, async (_repository, blob) =>
      blob === sha256("content") ? 7 : undefined,
    );
    expect([...folder.known]).toEqual([sha256("content")]);
    expect(await blobs()).toEqual([digest.replace("sha256:", "")]);
    await expect(readBlob(join(dir, "folder"), sha256("content"))).rejects.toMatchObject({
      code: "OCI_BLOB_UNKNOWN",
    });
  });

  it("fetches a manifest again that is damaged", async () => {
    const digest = await push("content");
    await fill(digest);
    const file = join(dir, "folder/blobs", digest.replace(":", "/"));
    await writeFile(file, "{}");
    await fill(digest);
    expect(sha256(await readFile(file))).toBe(digest);
  });
});

describe("openExport()", () => {
  async function change(edit: (index: string) => string): Promise<string> {
    await fill(await push("content"));
    const file = join(dir, "folder/index.json");
    await writeFile(file, edit(await readFile(file, "utf8")));
    return join(dir, "folder");
  }

  it.each([
    ["is no export", (text: string) => text.replace("vnd.tenon.export", "other")],
    ["leads out", (text: string) => text.replaceAll("ghcr.io/app", "ghcr.io/../../etc")],
    ["has an unknown role", (text: string) => text.replace('"image"', '"owner"')],
    ["has a tag that is none", (text: string) => text.replace('"1.0"', '"a b"')],
    ["has a digest that is none", (text: string) => text.replace(/"sha256:\w+"/, '"sha256:../.."')],
    ["is no JSON", (text: string) => text.slice(1)],
  ])("rejects one that %s", async (_, edit) => {
    const path = await change(edit);
    await expect(openExport(path)).rejects.toMatchObject({
      code: expect.stringMatching(/^OCI_(?:LAYOUT|MANIFEST)_INVALID$/) as unknown,
    });
  });

  it("rejects a folder that is none and content that was changed", async () => {
    await expect(openExport(dir)).rejects.toMatchObject({ code: "OCI_LAYOUT_INVALID" });
    await fill(await push("content"));
    const blob = sha256("content");
    await writeFile(join(dir, "folder/blobs", blob.replace(":", "/")), "changed");
    await expect(readBlob(join(dir, "folder"), blob)).rejects.toMatchObject({
      code: "OCI_DIGEST_MISMATCH",
    });
  });
});
