import type { Digest } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { computeDigest } from "../content/compute-digest.ts";
import { bytesContent } from "../content/content.ts";
import { IMAGE_INDEX, IMAGE_MANIFEST } from "../media-types.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import type { Descriptor, Registry } from "../registry.ts";
import { attachFile } from "./attach-file.ts";
import { type CopyArtifactOptions, type RegistryPlace, copyArtifact } from "./copy-artifact.ts";
import { legacyTags } from "./legacy-tags.ts";
import { parsePlatform } from "./platform.ts";

async function push(
  registry: Registry,
  text: string,
  more: { readonly layer?: string; readonly tags?: readonly string[] } = {},
): Promise<Descriptor> {
  const blob = bytesContent(Buffer.from(text));
  await registry.pushBlob("app", blob, blob.open);
  const { digest, size } = blob;
  const part = { mediaType: more.layer ?? "text/plain", digest, size };
  const body = { schemaVersion: 2, mediaType: IMAGE_MANIFEST, config: part, layers: [part] };
  const bytes = Buffer.from(JSON.stringify(body));
  return registry.pushManifest("app", { mediaType: IMAGE_MANIFEST, bytes }, { tags: more.tags });
}

function copy(
  source: Registry,
  target: Registry,
  options?: CopyArtifactOptions,
): ReturnType<typeof copyArtifact> {
  const [from, to]: RegistryPlace[] = [source, target].map((registry) => ({
    registry,
    repository: "app",
  }));
  return copyArtifact(from!, to!, { tag: "1.0.0" }, { tags: ["1.0.0"], ...options });
}

const note = {
  artifactType: "text/note",
  mediaType: "text/plain",
  content: Buffer.from("note"),
};

describe("copyArtifact()", () => {
  it("moves a blob once that several layers name", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    await push(source, "content", { tags: ["1.0.0"] });
    const copied = await copy(source, target);
    expect(copied).toMatchObject({ blobs: { moved: 1, exists: 0 }, movedBytes: 7 });
  });

  it("leaves no tag when something is missing", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const subject = await push(source, "content", { tags: ["1.0.0"] });
    await attachFile(source, "app", subject, note);
    await source.deleteBlob("app", bytesContent(note.content).digest);
    await expect(copy(source, target)).rejects.toMatchObject({ code: "OCI_BLOB_UNKNOWN" });
    await expect(target.resolveManifest("app", "1.0.0")).rejects.toMatchObject({
      code: "OCI_MANIFEST_UNKNOWN",
    });
  });

  it("writes nothing when it is refused", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    await push(source, "content", { tags: ["1.0.0"] });
    const onResolved = () => Promise.reject(new Error("no"));
    await expect(copy(source, target, { onResolved })).rejects.toThrow("no");
    await expect(target.listTags("app")[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "OCI_NAME_UNKNOWN",
    });
  });

  it("ends where a registry lists what refers to something else, or in a circle", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const subject = await push(source, "content", { tags: ["1.0.0"] });
    const other = await push(source, "other");
    const mine = await attachFile(source, "app", subject, note);
    const foreign = await attachFile(source, "app", other, note);
    const lying: Registry = {
      ...source,
      async *listReferrers() {
        yield* [subject, foreign, mine, mine];
      },
    };
    expect((await copy(lying, target)).referrers).toEqual([mine.digest]);
    await expect(target.resolveManifest("app", foreign.digest)).rejects.toMatchObject({
      code: "OCI_MANIFEST_UNKNOWN",
    });
  });

  it("uploads where a registry does not share blobs", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    await push(source, "content", { tags: ["1.0.0"] });
    const copied = await copy(source, target, { mountFrom: () => "app" });
    expect(copied.blobs).toEqual({ exists: 0, mounted: 0, moved: 1 });
  });

  it("leaves layers alone that no registry holds", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const layer = "application/vnd.oci.image.layer.nondistributable.v1.tar";
    await push(source, "content", { layer, tags: ["1.0.0"] });
    expect((await copy(source, target)).blobs.moved).toBe(0);
  });

  it("copies an index that lists more than its repository holds", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const held = await push(source, "held");
    const lost = await push(source, "lost");
    const body = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: [held, lost] };
    const bytes = Buffer.from(JSON.stringify(body));
    await source.pushManifest("app", { mediaType: IMAGE_INDEX, bytes }, { tags: ["1.0.0"] });
    await source.deleteManifest("app", lost.digest);
    expect((await copy(source, target)).missing).toEqual([lost.digest]);
    expect((await target.resolveManifest("app", held.digest)).digest).toBe(held.digest);
  });

  it("takes signatures along that are tags, and what refers to those", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const { digest } = await push(source, "content", { tags: ["1.0.0"] });
    const [sig, att] = legacyTags(digest);
    const signature = await push(source, "signature", { tags: [sig!] });
    await push(source, "attestation", { tags: [att!] });
    const mine = await attachFile(source, "app", signature, note);
    expect(await copy(source, target)).toMatchObject({
      legacyTags: [sig, att],
      referrers: [mine.digest],
    });
    expect((await target.resolveManifest("app", sig!)).digest).toBe(signature.digest);
  });

  it("takes no tag from signatures that the source lacks", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const { digest } = await push(source, "content", { tags: ["1.0.0"] });
    const [tag] = legacyTags(digest);
    await push(source, "one", { tags: [tag!] });
    const other = await push(target, "two", { tags: [tag!] });
    expect((await copy(source, target)).keptTags).toEqual([tag]);
    expect((await target.resolveManifest("app", tag!)).digest).toBe(other.digest);
    // Two keys have signed the same.
    await pushLayers(target, [["same", "key a"]], [tag!]);
    await pushLayers(source, [["same", "key b"]], [tag!]);
    expect((await copy(source, target)).keptTags).toEqual([tag]);
    const both = await pushLayers(
      source,
      [
        ["same", "key a"],
        ["same", "key b"],
      ],
      [tag!],
    );
    expect((await copy(source, target)).keptTags).toEqual([]);
    expect((await target.resolveManifest("app", tag!)).digest).toBe(both.digest);
  });

  it("leaves other platforms of an index alone and keeps its digest", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const [amd64, arm64] = [await push(source, "amd64"), await push(source, "arm64")];
    const manifests = [
      { ...amd64, platform: parsePlatform("linux/amd64") },
      { ...arm64, platform: parsePlatform("linux/arm64") },
    ];
    const index = await pushIndex(source, manifests, ["1.0.0"]);
    const copied = await copy(source, target, { platforms: [parsePlatform("linux/arm64")] });
    expect(copied).toMatchObject({ digest: index.digest, left: [amd64.digest], missing: [] });
    await target.readManifest("app", arm64.digest);
    await expect(target.readManifest("app", amd64.digest)).rejects.toMatchObject({
      code: "OCI_MANIFEST_UNKNOWN",
    });
  });

  it("keeps digests that are sha512", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const { bytes } = await source.readManifest("app", (await push(source, "x")).digest);
    const digest = computeDigest(bytes, `sha512:${"0".repeat(128)}` as Digest);
    const manifest = { mediaType: IMAGE_MANIFEST, bytes };
    await source.pushManifest("app", manifest, { tags: ["1.0.0"], digest });
    expect((await copy(source, target)).digest).toBe(digest);
    expect((await target.readManifest("app", digest)).bytes).toEqual(bytes);
  });

  it("ends where indexes list each other, and where lists of referrers do not end", async () => {
    const [source, target] = [createMemoryRegistry(), createMemoryRegistry()];
    const part = await push(source, "part");
    const inner = await pushIndex(source, [part, part], []);
    await pushIndex(source, [inner, part, inner], ["1.0.0"]);
    let listed = 0;
    const endless: Registry = {
      ...source,
      async *listReferrers() {
        for (;;) yield await push(source, `not about anything ${listed++ % 50}`);
      },
    };
    await expect(copy(endless, target)).rejects.toMatchObject({ code: "OCI_TOO_LARGE" });
    expect(listed).toBeLessThan(11_000);
    const repeated: Registry = {
      ...source,
      async *listReferrers() {
        for (;;) yield part;
      },
    };
    await expect(copy(repeated, target)).rejects.toMatchObject({ code: "OCI_TOO_LARGE" });
  });
});

async function pushLayers(
  registry: Registry,
  layers: readonly (readonly [text: string, signature: string])[],
  tags: readonly string[],
): Promise<Descriptor> {
  const parts: Descriptor[] = [];
  for (const [text, signature] of layers) {
    const { digest, size, open } = bytesContent(Buffer.from(text));
    await registry.pushBlob("app", { digest, size }, open);
    const annotations = { "dev.cosignproject.cosign/signature": signature };
    parts.push({ mediaType: "text/plain", digest, size, annotations });
  }
  const body = { schemaVersion: 2, mediaType: IMAGE_MANIFEST, config: parts[0], layers: parts };
  const bytes = Buffer.from(JSON.stringify(body));
  return registry.pushManifest("app", { mediaType: IMAGE_MANIFEST, bytes }, { tags });
}

function pushIndex(
  registry: Registry,
  manifests: readonly Descriptor[],
  tags: readonly string[],
): Promise<Descriptor> {
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_INDEX, manifests }),
  );
  return registry.pushManifest("app", { mediaType: IMAGE_INDEX, bytes }, { tags });
}
