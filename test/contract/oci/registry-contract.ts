import { randomBytes } from "node:crypto";

import { type Digest, sha256 } from "@tenon/core";
import {
  type Descriptor,
  IMAGE_INDEX,
  IMAGE_MANIFEST,
  type Registry,
  attachFile,
  buildArtifact,
  bytesContent,
  pullModule,
  pushArtifact,
} from "@tenon/oci";
import { describe, expect, it } from "vitest";

/** What a registry does not offer, so that the suite does not ask for it. */
export interface Lacks {
  readonly tagDeletion?: boolean;
}

/** The cases that every {@link Registry} must pass. */
export function registryContract(name: string, open: () => Registry, lacks: Lacks = {}): void {
  let count = 0;
  const newRepository = (): string => `contract/r${++count}-${randomBytes(4).toString("hex")}`;

  describe(name, () => {
    describe("blobs", () => {
      it("come back as they were pushed", async () => {
        const [registry, repository] = [open(), newRepository()];
        const bytes = randomBytes(70_000);
        const digest = await pushBytes(registry, repository, bytes);
        const { size, stream } = await registry.readBlob(repository, { digest });
        expect(size).toBe(bytes.length);
        expect((await collect(stream)).equals(bytes)).toBe(true);
      });

      it("may be empty", async () => {
        const [registry, repository] = [open(), newRepository()];
        const digest = await pushBytes(registry, repository, Buffer.alloc(0));
        const { size, stream } = await registry.readBlob(repository, { digest, size: 0 });
        expect([size, (await collect(stream)).length]).toEqual([0, 0]);
      });

      it("of many megabytes arrive whole", async () => {
        const [registry, repository] = [open(), newRepository()];
        const bytes = randomBytes(5 * 1024 * 1024 + 17);
        const digest = await pushBytes(registry, repository, bytes);
        const { stream } = await registry.readBlob(repository, { digest, size: bytes.length });
        expect(sha256(await collect(stream))).toBe(digest);
      });

      it("can be read in part", async () => {
        const [registry, repository] = [open(), newRepository()];
        const digest = await pushBytes(registry, repository, Buffer.from("0123456789"));
        const middle = await registry.readBlob(repository, { digest }, { start: 2, end: 5 });
        expect([middle.size, String(await collect(middle.stream))]).toEqual([10, "234"]);
        const tail = await registry.readBlob(repository, { digest }, { start: 7 });
        expect(String(await collect(tail.stream))).toBe("789");
      });

      it("are told by their size", async () => {
        const [registry, repository] = [open(), newRepository()];
        const digest = await pushBytes(registry, repository, Buffer.from("abc"));
        expect(await registry.statBlob(repository, digest)).toBe(3);
        expect(await registry.statBlob(repository, sha256("never pushed"))).toBeUndefined();
      });

      it("are refused when their content has another digest", async () => {
        const [registry, repository] = [open(), newRepository()];
        const { digest } = bytesContent(Buffer.from("right"));
        const wrong = bytesContent(Buffer.from("wrong"));
        const pushing = registry.pushBlob(repository, { digest, size: 5 }, wrong.open);
        await expect(pushing).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
        expect(await registry.statBlob(repository, digest)).toBeUndefined();
      });

      it("are refused when they are longer or shorter than said", async () => {
        const [registry, repository] = [open(), newRepository()];
        const { digest, open: content } = bytesContent(Buffer.from("12345"));
        for (const size of [4, 6, 3_000_000]) {
          const pushing = registry.pushBlob(repository, { digest, size }, content);
          await expect(pushing).rejects.toMatchObject({ code: "OCI_SIZE_MISMATCH" });
        }
        expect(await registry.statBlob(repository, digest)).toBeUndefined();
      });

      it("are not read when they have another size than asked for", async () => {
        const [registry, repository] = [open(), newRepository()];
        const digest = await pushBytes(registry, repository, Buffer.from("abc"));
        const reading = registry.readBlob(repository, { digest, size: 4 });
        await expect(reading).rejects.toMatchObject({ code: "OCI_SIZE_MISMATCH" });
      });

      it("that are missing are OCI_BLOB_UNKNOWN", async () => {
        const [registry, repository] = [open(), newRepository()];
        await pushTagged(registry, repository, "1.0.0");
        const reading = registry.readBlob(repository, { digest: sha256("missing") });
        await expect(reading).rejects.toMatchObject({ code: "OCI_BLOB_UNKNOWN" });
      });

      it("can be mounted from another repository", async () => {
        const [registry, from, to] = [open(), newRepository(), newRepository()];
        const digest = await pushBytes(registry, from, Buffer.from("shared"));
        expect(await registry.mountBlob(to, digest, from)).toBe(true);
        expect(await registry.statBlob(to, digest)).toBe(6);
        expect(await registry.mountBlob(to, sha256("unknown"), from)).toBe(false);
      });

      it("can be pushed at once by many", async () => {
        const [registry, repository] = [open(), newRepository()];
        const bytes = randomBytes(300_000);
        const pushes = Array.from({ length: 6 }, () => pushBytes(registry, repository, bytes));
        const digests = await Promise.all(pushes);
        const { stream } = await registry.readBlob(repository, { digest: digests[0]! });
        expect(sha256(await collect(stream))).toBe(digests[0]);
      });

      it("can be deleted", async () => {
        const [registry, repository] = [open(), newRepository()];
        const digest = await pushBytes(registry, repository, Buffer.from("gone"));
        await registry.deleteBlob(repository, digest);
        expect(await registry.statBlob(repository, digest)).toBeUndefined();
        const again = registry.deleteBlob(repository, digest);
        await expect(again).rejects.toMatchObject({ code: "OCI_BLOB_UNKNOWN" });
      });
    });

    describe("manifests", () => {
      it("are found by tag and by digest, byte for byte", async () => {
        const [registry, repository] = [open(), newRepository()];
        const { bytes, descriptor } = await pushTagged(registry, repository, "1.0.0", "latest");
        for (const reference of ["1.0.0", "latest", descriptor.digest]) {
          const read = await registry.readManifest(repository, reference);
          expect(read.descriptor).toEqual(descriptor);
          expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
          expect(await registry.resolveManifest(repository, reference)).toEqual(descriptor);
        }
      });

      it("may go without a tag", async () => {
        const [registry, repository] = [open(), newRepository()];
        const { descriptor } = await pushTagged(registry, repository);
        expect((await registry.readManifest(repository, descriptor.digest)).descriptor).toEqual(
          descriptor,
        );
      });

      it("move their tags, and stay when they lose them", async () => {
        const [registry, repository] = [open(), newRepository()];
        const first = await pushTagged(registry, repository, "latest");
        const second = await pushTagged(registry, repository, "latest");
        const now = await registry.resolveManifest(repository, "latest");
        expect(now.digest).toBe(second.descriptor.digest);
        const old = await registry.readManifest(repository, first.descriptor.digest);
        expect(old.descriptor.digest).toBe(first.descriptor.digest);
      });

      it("that are missing are OCI_MANIFEST_UNKNOWN", async () => {
        const [registry, repository] = [open(), newRepository()];
        await pushTagged(registry, repository, "1.0.0");
        for (const reference of ["2.0.0", sha256("missing")]) {
          const reading = registry.readManifest(repository, reference);
          await expect(reading).rejects.toMatchObject({ code: "OCI_MANIFEST_UNKNOWN" });
          const resolving = registry.resolveManifest(repository, reference);
          await expect(resolving).rejects.toMatchObject({ code: "OCI_MANIFEST_UNKNOWN" });
        }
      });

      it("of a repository that does not exist are unknown", async () => {
        const [registry, repository] = [open(), newRepository()];
        const error: unknown = await registry.readManifest(repository, "1.0.0").catch((e) => e);
        expect(["OCI_NAME_UNKNOWN", "OCI_MANIFEST_UNKNOWN"]).toContain(
          (error as { code: string }).code,
        );
      });

      it("are refused when a blob of theirs is missing", async () => {
        const [registry, repository] = [open(), newRepository()];
        await pushTagged(registry, repository, "1.0.0");
        const { bytes } = makeManifest(sha256("config"), 6);
        const pushing = registry.pushManifest(repository, { mediaType: IMAGE_MANIFEST, bytes });
        await expect(pushing).rejects.toMatchObject({ code: "OCI_BLOB_UNKNOWN" });
      });

      it("over 4 MiB are refused", async () => {
        const [registry, repository] = [open(), newRepository()];
        const bytes = Buffer.alloc(4 * 1024 * 1024 + 1, 0x20);
        const pushing = registry.pushManifest(repository, { mediaType: IMAGE_MANIFEST, bytes });
        await expect(pushing).rejects.toMatchObject({ code: "OCI_TOO_LARGE" });
      });

      it("can be indexes", async () => {
        const [registry, repository] = [open(), newRepository()];
        const child = await pushTagged(registry, repository);
        const bytes = Buffer.from(
          JSON.stringify({
            schemaVersion: 2,
            mediaType: IMAGE_INDEX,
            manifests: [child.descriptor],
          }),
        );
        const pushed = await registry.pushManifest(
          repository,
          { mediaType: IMAGE_INDEX, bytes },
          { tags: ["all"] },
        );
        expect(await registry.resolveManifest(repository, "all")).toEqual(pushed);
      });

      it("take their tags with them when they are deleted", async () => {
        const [registry, repository] = [open(), newRepository()];
        const { descriptor } = await pushTagged(registry, repository, "1.0.0", "latest");
        const other = await pushTagged(registry, repository, "2.0.0");
        await registry.deleteManifest(repository, descriptor.digest);
        const reading = registry.readManifest(repository, "1.0.0");
        await expect(reading).rejects.toMatchObject({ code: "OCI_MANIFEST_UNKNOWN" });
        const kept = await registry.resolveManifest(repository, "2.0.0");
        expect(kept.digest).toBe(other.descriptor.digest);
        const again = registry.deleteManifest(repository, descriptor.digest);
        await expect(again).rejects.toMatchObject({ code: "OCI_MANIFEST_UNKNOWN" });
      });
    });

    describe("tags", () => {
      it("are listed", async () => {
        const [registry, repository] = [open(), newRepository()];
        await pushTagged(registry, repository, "v2", "1.0.0", "latest", "1.10.0", "1.2.0");
        const tags = await all(registry.listTags(repository));
        expect(sorted(tags)).toEqual(["1.0.0", "1.10.0", "1.2.0", "latest", "v2"]);
      });

      it("of an unknown repository are OCI_NAME_UNKNOWN", async () => {
        const listing = all(open().listTags(newRepository()));
        await expect(listing).rejects.toMatchObject({ code: "OCI_NAME_UNKNOWN" });
      });

      if (lacks.tagDeletion === true) {
        it("cannot be deleted, which is OCI_UNSUPPORTED", async () => {
          const [registry, repository] = [open(), newRepository()];
          await pushTagged(registry, repository, "1.0.0");
          const deleting = registry.deleteTag(repository, "1.0.0");
          await expect(deleting).rejects.toMatchObject({ code: "OCI_UNSUPPORTED" });
        });
      } else {
        it("can be deleted without the manifest", async () => {
          const [registry, repository] = [open(), newRepository()];
          const { descriptor } = await pushTagged(registry, repository, "1.0.0", "latest");
          await registry.deleteTag(repository, "1.0.0");
          expect(await all(registry.listTags(repository))).toEqual(["latest"]);
          await registry.deleteTag(repository, "latest");
          expect(await all(registry.listTags(repository))).toEqual([]);
          const read = await registry.readManifest(repository, descriptor.digest);
          expect(read.descriptor.digest).toBe(descriptor.digest);
          const again = registry.deleteTag(repository, "latest");
          await expect(again).rejects.toMatchObject({ code: "OCI_MANIFEST_UNKNOWN" });
        });
      }
    });

    it("lists its repositories", async () => {
      const registry = open();
      const names = [newRepository(), newRepository(), `${newRepository()}/nested/blobs`];
      for (const repository of names) await pushTagged(registry, repository, "1.0.0");
      const listed = await all(registry.listRepositories());
      expect(listed).toEqual(expect.arrayContaining(names));
      expect(listed).toEqual(sorted(listed));
    });

    describe("referrers", () => {
      it("are listed, and can be chosen by type", async () => {
        const [registry, repository] = [open(), newRepository()];
        const subject = await pushTagged(registry, repository, "1.0.0");
        const config = await pushConfig(registry, repository);
        const signatures: Digest[] = [];
        for (const artifactType of [
          "application/x.sig",
          "application/x.sig",
          "application/x.sbom",
        ]) {
          const { bytes } = makeManifest(config, 2, {
            artifactType,
            subject: subject.descriptor,
            annotations: { nonce: randomBytes(8).toString("hex") },
          });
          const pushed = await registry.pushManifest(repository, {
            mediaType: IMAGE_MANIFEST,
            bytes,
          });
          if (artifactType.endsWith("sig")) signatures.push(pushed.digest);
        }
        const listed = await all(registry.listReferrers(repository, subject.descriptor.digest));
        expect(listed).toHaveLength(3);
        const artifactType = "application/x.sig";
        const chosen = await all(
          registry.listReferrers(repository, subject.descriptor.digest, { artifactType }),
        );
        expect(sorted(chosen.map(({ digest }) => digest))).toEqual(sorted(signatures));
      });

      it("are not listed any more when they are deleted", async () => {
        const [registry, repository] = [open(), newRepository()];
        const { descriptor } = await pushTagged(registry, repository, "1.0.0");
        const note = async (text: string): Promise<Digest> => {
          const content = Buffer.from(text);
          const file = { artifactType: "text/note", mediaType: "text/plain", content };
          return (await attachFile(registry, repository, descriptor, file)).digest;
        };
        const [first, second] = [await note("first"), await note("second")];
        const listed = async (): Promise<string[]> =>
          (await all(registry.listReferrers(repository, descriptor.digest))).map(
            ({ digest }) => digest,
          );
        await registry.deleteManifest(repository, first);
        expect(await listed()).toEqual([second]);
        await registry.deleteManifest(repository, second);
        expect(await listed()).toEqual([]);
        expect(await all(registry.listTags(repository))).toEqual(["1.0.0"]);
      });

      it("of a manifest without any are none", async () => {
        const [registry, repository] = [open(), newRepository()];
        const { descriptor } = await pushTagged(registry, repository, "1.0.0");
        expect(await all(registry.listReferrers(repository, descriptor.digest))).toEqual([]);
        expect(await all(registry.listReferrers(newRepository(), descriptor.digest))).toEqual([]);
      });
    });

    it.each(["Upper/case", "../up", "a//b", "-a", "", "a/../../b", "a/.hidden"])(
      "refuses the repository %j",
      async (repository) => {
        const reading = open().readManifest(repository, "1.0.0");
        await expect(reading).rejects.toMatchObject({ code: "OCI_REFERENCE_INVALID" });
      },
    );

    it.each(["../up", "a/b", "-a", "", "a b", "sha256:123"])("refuses the tag %j", async (tag) => {
      const [registry, repository] = [open(), newRepository()];
      const reading = registry.readManifest(repository, tag);
      await expect(reading).rejects.toMatchObject({ code: "OCI_REFERENCE_INVALID" });
    });

    it("stops when the signal is aborted", async () => {
      const [registry, repository] = [open(), newRepository()];
      const digest = await pushBytes(registry, repository, Buffer.from("abc"));
      const signal = AbortSignal.abort();
      const reading = registry.readBlob(repository, { digest }, { signal });
      await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    });

    it("carries an artifact from a file to a map", async () => {
      const [registry, repository] = [open(), newRepository()];
      const artifact = await buildArtifact(import.meta.filename);
      await pushArtifact(registry, repository, artifact, ["1.0.0", "latest"]);
      const pulled = await pullModule(registry, { repository, tag: "latest" });
      expect(pulled.digest).toBe(artifact.digest);
      expect([...pulled.files.keys()]).toEqual(["registry-contract.ts"]);
      const again: string[] = [];
      const onProgress = ({ state }: { state: string }): unknown => again.push(state);
      await pushArtifact(registry, repository, artifact, ["1.0.0"], { onProgress });
      expect(again).toEqual(["exists", "exists"]);
      await artifact[Symbol.asyncDispose]();
    });
  });
}

interface Pushed {
  readonly bytes: Buffer;
  readonly descriptor: Descriptor;
}

async function pushTagged(
  registry: Registry,
  repository: string,
  ...tags: string[]
): Promise<Pushed> {
  const config = await pushConfig(registry, repository);
  const { bytes } = makeManifest(config, 2, {
    annotations: { nonce: randomBytes(8).toString("hex") },
  });
  const manifest = { mediaType: IMAGE_MANIFEST, bytes };
  return { bytes, descriptor: await registry.pushManifest(repository, manifest, { tags }) };
}

async function pushConfig(registry: Registry, repository: string): Promise<Digest> {
  return pushBytes(registry, repository, Buffer.from("{}"));
}

function makeManifest(config: Digest, size: number, more: object = {}): { bytes: Buffer } {
  const mediaType = "application/vnd.example.config+json";
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: { mediaType, digest: config, size },
    layers: [],
    ...more,
  };
  return { bytes: Buffer.from(JSON.stringify(manifest)) };
}

async function pushBytes(registry: Registry, repository: string, bytes: Buffer): Promise<Digest> {
  const { digest, open, size } = bytesContent(bytes);
  await registry.pushBlob(repository, { digest, size }, open);
  return digest;
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await all(stream));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => (a < b ? -1 : 1));
}
