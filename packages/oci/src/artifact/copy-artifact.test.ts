import { describe, expect, it } from "vitest";

import { bytesContent } from "../content/content.ts";
import { IMAGE_INDEX, IMAGE_MANIFEST } from "../media-types.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import type { Descriptor, Registry } from "../registry.ts";
import { attachFile } from "./attach-file.ts";
import { type CopyArtifactOptions, type RegistryPlace, copyArtifact } from "./copy-artifact.ts";

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
});
