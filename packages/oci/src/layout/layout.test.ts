import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Digest, sha256 } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { bytesContent } from "../content/content.ts";
import { withFileLock } from "../content/file-lock.ts";
import { IMAGE_INDEX, IMAGE_MANIFEST } from "../media-types.ts";
import type { Descriptor } from "../registry.ts";
import { updateIndex } from "./layout-index.ts";
import { type LayoutRegistry, createLayoutRegistry } from "./layout.ts";
import { createStaging } from "./staging.ts";

let folder = "";
let registry: LayoutRegistry;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-layout-"));
  registry = createLayoutRegistry(folder);
});
afterEach(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

async function pushImage(subject?: Descriptor): Promise<Descriptor> {
  const { digest, open, size } = bytesContent(Buffer.from("{}"));
  await registry.pushBlob("org/app", { digest, size }, open);
  const config = { mediaType: "text/note", digest, size };
  const manifest = { schemaVersion: 2, mediaType: IMAGE_MANIFEST, config, layers: [], subject };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return registry.pushManifest("org/app", { mediaType: IMAGE_MANIFEST, bytes });
}

async function referrersOf(digest: Digest): Promise<Digest[]> {
  const found: Digest[] = [];
  for await (const referrer of registry.listReferrers("org/app", digest))
    found.push(referrer.digest);
  return found;
}

describe("createLayoutRegistry()", () => {
  it("lists the referrers that a layout of other tools names by tag alone", async () => {
    const subject = await pushImage();
    const referrer = await pushImage(subject);
    const list = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: [referrer] };
    const bytes = Buffer.from(JSON.stringify(list));
    const tags = [subject.digest.replace(":", "-")];
    await registry.pushManifest("org/app", { mediaType: IMAGE_INDEX, bytes }, { tags });
    await updateIndex(join(folder, "org/app"), {
      change: (known) => known.filter(({ digest }) => digest !== referrer.digest),
    });
    expect(await referrersOf(subject.digest)).toEqual([referrer.digest]);
  });

  it("lists the referrers that are left when the file of one is gone", async () => {
    const subject = await pushImage();
    const { digest } = await pushImage(subject);
    await rm(join(folder, "org/app/blobs/sha256", digest.slice("sha256:".length)));
    expect(await referrersOf(subject.digest)).toEqual([]);
  });

  it("does not delete a manifest as a blob", async () => {
    const { digest } = await pushImage();
    const deleting = registry.deleteBlob("org/app", digest);
    await expect(deleting).rejects.toMatchObject({ code: "OCI_BLOB_UNKNOWN" });
    expect((await registry.readManifest("org/app", digest)).descriptor.digest).toBe(digest);
  });

  it("takes a file of its staging folder as a blob, and leaves no folder behind", async () => {
    const path = join(await registry.staging(), "upload");
    await writeFile(path, "content");
    const digest = sha256("content");
    await registry.adoptBlob("org/app", { digest, size: 7 }, path);
    expect(await registry.statBlob("org/app", digest)).toBe(7);
    await registry.close();
    expect(await readdir(folder)).toEqual(["org"]);
  });
});

describe("updateIndex()", () => {
  it("changes nothing when another process has taken its lock over", async () => {
    await pushImage();
    const layout = join(folder, "org/app");
    const before = await readFile(join(layout, "index.json"), "utf8");
    const updating = updateIndex(layout, {
      change: async () => {
        await writeFile(join(layout, ".lock"), '{"pid":1,"host":"other","id":"x"}');
        return [];
      },
    });
    await expect(updating).rejects.toMatchObject({ code: "OCI_OUTPUT_UNWRITABLE" });
    expect(await readFile(join(layout, "index.json"), "utf8")).toBe(before);
  });
});

describe("withFileLock()", () => {
  it("shows that a step that takes long is alive, so that its lock is not taken over", async () => {
    const path = join(folder, ".lock");
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      await withFileLock(path, undefined, async () => {
        await utimes(path, 0, 0);
        vi.advanceTimersByTime(10_000);
        await expect.poll(async () => (await stat(path)).mtimeMs).toBeGreaterThan(0);
      });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("createStaging()", () => {
  it("removes what dead processes left, and nothing of others", async () => {
    const [own, ...others] = await Promise.all(
      [createStaging(folder), createStaging(folder)].map((staging) => staging.folder()),
    );
    const name = own!.slice(own!.lastIndexOf("/") + 1);
    const [host] = name.split("-") as [string];
    const { pid: dead } = spawnSync("true");
    const left = [`${host}-${dead}-0123`, `${host}-${process.pid}-0123`, "00000000-1-0123"];
    const kept = [`${host}-1-0123`, "00000001-1-0123", "unknown"];
    for (const each of [...left, ...kept]) {
      await mkdir(join(folder, ".staging", each));
      await writeFile(join(folder, ".staging", each, "upload"), "half");
    }
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3_600_000);
    await utimes(join(folder, ".staging", "00000000-1-0123"), twoDaysAgo, twoDaysAgo);
    const last = createStaging(folder);
    await last.folder();
    const names = await readdir(join(folder, ".staging"));
    expect(names).toEqual(expect.arrayContaining(kept));
    expect(names).toHaveLength(kept.length + others.length + 2);
    for (const each of left) expect(names).not.toContain(each);
  });
});
