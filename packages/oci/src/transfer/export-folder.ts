import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { type Digest, isDigest, sha256 } from "@tenon/core";

import type { CopySource, CopyTarget } from "../artifact/copy-artifact.ts";
import { computeDigest } from "../content/compute-digest.ts";
import type { Content } from "../content/content.ts";
import { fileSize, isMissing, writeFileAtomic } from "../content/node-file.ts";
import { verified } from "../content/verify.ts";
import { parseManifest } from "../manifest.ts";
import { unknownManifest } from "../missing.ts";
import { referrerDescriptor } from "../referrer.ts";
import type {
  CallOptions,
  Descriptor,
  Manifest,
  PushManifestOptions,
  Registry,
} from "../registry.ts";
import {
  type ExportIndex,
  type ExportedManifest,
  blobName,
  formatExportIndex,
} from "./export-index.ts";

/** The size of a blob in a repository of another place; nothing where that lacks it. */
export type FindKnown = (repository: string, digest: Digest) => Promise<number | undefined>;

/** A folder that an export is written into. What is in it already is not fetched again. */
export interface ExportFolder {
  /** Where `copyArtifact` writes to; repositories are `host/repository`. */
  readonly target: CopyTarget["registry"];
  /** Blobs that were left out, as another place has them. */
  readonly known: ReadonlySet<Digest>;
  /** Sizes of the blobs that were fetched. */
  readonly fetched: ReadonlyMap<Digest, number>;
  /** Reads manifests from the folder that are there already, and the others from where they are. */
  withKept(source: CopySource["registry"]): CopySource["registry"];
  /** Writes a blob that comes from nowhere else, whatever another place has. */
  write(content: Content): Promise<void>;
  /** Puts a manifest that was copied on the index, beside the referrers and tags that are copied with it. */
  add(entry: Omit<ExportedManifest, "descriptor"> & { readonly digest: Digest }): void;
  /** Makes it a layout that holds this, and removes everything else. */
  finish(about: Omit<ExportIndex, "manifests">): Promise<void>;
  /** The files of the finished layout, by their paths in it. */
  files(): readonly string[];
}

/**
 * Opens a folder for an export, which is made if need be. Blobs are written to their end or not at all,
 * so what a killed run left is used by the next one.
 *
 * @param findKnown tells what need not be written
 */
export function openExportFolder(dir: string, findKnown?: FindKnown): ExportFolder {
  return new Folder(dir, findKnown);
}

class Folder implements ExportFolder {
  readonly known = new Set<Digest>();
  readonly fetched = new Map<Digest, number>();
  readonly target: CopyTarget["registry"] = {
    statBlob: (repository, digest) => this.#statBlob(repository, digest),
    pushBlob: (_repository, blob, open, options) => this.#pushBlob(blob, open, options),
    mountBlob: async () => false,
    readManifest: async (repository, reference) => {
      throw unknownManifest(repository, reference);
    },
    pushManifest: (repository, manifest, options = {}) =>
      this.#pushManifest(repository, manifest, options),
  };
  readonly #dir: string;
  readonly #findKnown: FindKnown | undefined;
  readonly #manifests: ExportedManifest[] = [];
  readonly #descriptors = new Map<Digest, Descriptor>();
  /** Manifests of which the bytes were seen in this run. */
  readonly #intact = new Set<Digest>();
  readonly #used = new Set<Digest>();
  readonly #writing = new Map<Digest, Promise<void>>();

  constructor(dir: string, findKnown: FindKnown | undefined) {
    this.#dir = dir;
    this.#findKnown = findKnown;
  }

  withKept(source: CopySource["registry"]): CopySource["registry"] {
    return {
      ...source,
      readManifest: async (repository, reference, options) =>
        (isDigest(reference) ? await this.#findManifest(reference) : undefined) ??
        source.readManifest(repository, reference, options),
    };
  }

  async write({ digest, open }: Content): Promise<void> {
    this.#used.add(digest);
    if ((await fileSize(this.#path(digest))) === undefined) await this.#write(digest, await open());
  }

  add({ digest, ...entry }: Omit<ExportedManifest, "descriptor"> & { digest: Digest }): void {
    const descriptor = this.#descriptors.get(digest);
    if (descriptor === undefined) throw new Error(`manifest ${digest} was not copied`);
    this.#manifests.push({ ...entry, descriptor });
  }

  async finish(about: Omit<ExportIndex, "manifests">): Promise<void> {
    const text = formatExportIndex({ ...about, manifests: this.#manifests });
    await mkdir(join(this.#dir, "blobs", "sha256"), { recursive: true });
    await writeFileAtomic(join(this.#dir, "index.json"), text);
    await writeFileAtomic(
      join(this.#dir, "oci-layout"),
      JSON.stringify({ imageLayoutVersion: "1.0.0" }),
    );
    await this.#removeOthers();
  }

  files(): readonly string[] {
    return ["oci-layout", "index.json", ...[...this.#used].map(blobName)];
  }

  async #statBlob(repository: string, digest: Digest): Promise<number | undefined> {
    const known = await this.#findKnown?.(repository, digest);
    if (known !== undefined) {
      this.known.add(digest);
      return known;
    }
    const size = await fileSize(this.#path(digest));
    if (size !== undefined) this.#used.add(digest);
    return size;
  }

  /** A blob of several repositories is written once, also when they are copied at the same time. */
  async #pushBlob(
    { digest, size }: { readonly digest: Digest; readonly size: number },
    open: Parameters<Registry["pushBlob"]>[2],
    { signal }: CallOptions = {},
  ): Promise<void> {
    this.#used.add(digest);
    const started = this.#writing.get(digest);
    if (started !== undefined) return started;
    const write = async (): Promise<void> => {
      const what = `blob ${digest}`;
      await this.#write(digest, verified(await open(), { digest, size, what }), signal);
      this.fetched.set(digest, size);
    };
    const writing = write().finally(() => this.#writing.delete(digest));
    this.#writing.set(digest, writing);
    return writing;
  }

  async #pushManifest(
    repository: string,
    { mediaType, bytes }: Parameters<Registry["pushManifest"]>[1],
    { tags = [], digest = sha256(bytes) }: PushManifestOptions,
  ): Promise<Descriptor> {
    const parsed = parseManifest(bytes);
    const descriptor = { mediaType, digest, size: bytes.byteLength };
    this.#used.add(digest);
    if (!this.#intact.has(digest)) await this.#write(digest, bytes);
    this.#intact.add(digest);
    const { annotations: _, ...listed } = referrerDescriptor(descriptor, parsed);
    this.#descriptors.set(digest, listed);
    if (parsed.subject !== undefined) this.add({ repository, digest, role: "referrer" });
    for (const tag of tags) this.add({ repository, digest, tag, role: "tag" });
    return descriptor;
  }

  async #findManifest(digest: Digest): Promise<Manifest | undefined> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.#path(digest));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    // A damaged file is fetched again.
    if (computeDigest(bytes, digest) !== digest) return undefined;
    this.#intact.add(digest);
    const { mediaType } = parseManifest(bytes);
    return mediaType === undefined
      ? undefined
      : { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
  }

  async #write(
    digest: Digest,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    const path = this.#path(digest);
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, content, { signal });
  }

  /** Blobs of an earlier export into this folder, and what killed runs left half-written. */
  async #removeOthers(): Promise<void> {
    const kept = new Set([...this.#used].map(blobName));
    const blobs = join(this.#dir, "blobs");
    for (const algorithm of await readdir(blobs)) {
      for (const name of await readdir(join(blobs, algorithm))) {
        if (kept.has(`blobs/${algorithm}/${name}`)) continue;
        await rm(join(blobs, algorithm, name), { recursive: true, force: true });
      }
    }
  }

  #path(digest: Digest): string {
    return join(this.#dir, blobName(digest));
  }
}
