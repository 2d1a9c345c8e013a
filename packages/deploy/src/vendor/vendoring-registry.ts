import { type Digest, hasCode, isDigest } from "@tenon/core";
import {
  type BlobRef,
  type CallOptions,
  type CopyArtifactOptions,
  type KeptArtifact,
  type LayoutRegistry,
  type RegistryHost,
  type Registry,
  copyArtifact,
} from "@tenon/oci";

import type { OpenRegistry } from "../source/open-registry.ts";
import { vendorLayout } from "./vendor-layout.ts";

/** An artifact to vendor. */
export interface VendoredArtifact extends KeptArtifact {
  readonly host: RegistryHost;
}

/**
 * Takes note of the artifacts that are read of registries, and copies them into a folder of layouts.
 * Their blobs go there as they are read.
 */
export class VendoringRegistries implements AsyncDisposable {
  readonly #dir: string;
  readonly #opened: OpenRegistry[] = [];
  readonly #layouts = new Map<string, LayoutRegistry>();
  readonly #read = new Map<string, { readonly open: OpenRegistry; artifact: VendoredArtifact }>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** What was read so far. */
  get artifacts(): readonly VendoredArtifact[] {
    return [...this.#read.values()].map(({ artifact }) => artifact);
  }

  /** Puts itself between a registry and who reads it. The registry stays open until this is disposed. */
  wrap(open: OpenRegistry): OpenRegistry {
    this.#opened.push(open);
    const { registry } = open;
    const layout = this.#layoutOf(registry.host);
    return {
      ...open,
      registry: {
        ...registry,
        readManifest: async (repository, reference, options) => {
          const manifest = await registry.readManifest(repository, reference, options);
          this.#add(open, { repository, reference, digest: manifest.descriptor.digest });
          return manifest;
        },
        readBlob: async (repository, blob, options = {}) => {
          await bring(registry, layout, { repository, blob, options });
          return layout.readBlob(repository, blob, options);
        },
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** Copies what was read, with all that refers to it; what is there already is not moved again. */
  async copyAll(options: Omit<CopyArtifactOptions, "tags"> = {}): Promise<void> {
    for (const { open, artifact } of this.#read.values()) {
      const { host, repository, digest, tags } = artifact;
      const to = { registry: this.#layoutOf(host), repository };
      await copyArtifact(
        { registry: open.registry, repository },
        to,
        { digest },
        { ...options, tags },
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((open) => open[Symbol.asyncDispose]()));
    await Promise.all([...this.#layouts.values()].map((layout) => layout.close()));
  }

  #layoutOf(host: string): LayoutRegistry {
    const layout = this.#layouts.get(host) ?? vendorLayout(this.#dir, host);
    this.#layouts.set(host, layout);
    return layout;
  }

  #add(
    open: OpenRegistry,
    {
      repository,
      reference,
      digest,
    }: { readonly repository: string; readonly reference: string; readonly digest: Digest },
  ): void {
    const { host } = open.registry;
    const key = JSON.stringify([host, repository, digest]);
    const known = this.#read.get(key)?.artifact.tags ?? [];
    const tags = isDigest(reference) ? known : [...new Set([...known, reference])].toSorted();
    const artifact = { host: open.reference.host, repository, digest, tags };
    this.#read.set(key, { open, artifact });
  }
}

/** Sees to it that a layout has a blob, and has it undamaged. */
async function bring(
  registry: Registry,
  layout: Registry,
  {
    repository,
    blob: { digest, size },
    options: { signal },
  }: { readonly repository: string; readonly blob: BlobRef; readonly options: CallOptions },
): Promise<void> {
  if (await isIntact(layout, repository, digest)) return;
  const known = size ?? (await registry.statBlob(repository, digest, { signal })) ?? 0;
  const open = async (): Promise<ReadableStream<Uint8Array>> =>
    (await registry.readBlob(repository, { digest, size: known }, { signal })).stream;
  await layout.pushBlob(repository, { digest, size: known }, open, { signal });
}

/** Whether a layout has a blob; one that is damaged is deleted. */
async function isIntact(layout: Registry, repository: string, digest: Digest): Promise<boolean> {
  if ((await layout.statBlob(repository, digest)) === undefined) return false;
  try {
    const { stream } = await layout.readBlob(repository, { digest });
    for await (const _ of stream) void _;
    return true;
  } catch (error) {
    if (!hasCode(error, "OCI_DIGEST_MISMATCH", "OCI_SIZE_MISMATCH")) throw error;
    await layout.deleteBlob(repository, digest);
    return false;
  }
}
