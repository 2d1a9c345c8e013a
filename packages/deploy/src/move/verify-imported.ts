import type { Digest } from "@tenon/core";
import {
  type CallOptions,
  type ExportReader,
  type ExportedManifest,
  OciError,
  isForeignLayer,
  parseManifest,
} from "@tenon/oci";
import pMap from "p-map";

import type { OpenRegistry } from "../source/open-registry.ts";

/** Blobs that are asked for at a time. */
const parallelChecks = 4;

/** How much was asked for. */
export interface Verified {
  readonly manifests: number;
  readonly blobs: number;
}

/**
 * Asks a registry again for everything that was pushed of a repository: manifests are read and their digests
 * computed, blobs have to have their sizes, and tags to point where they did.
 *
 * @throws OciError `OCI_DIGEST_MISMATCH`, `OCI_BLOB_UNKNOWN`, and as `Registry.readManifest`
 */
export async function verifyImported(
  reader: ExportReader,
  open: OpenRegistry,
  options: CallOptions & {
    readonly manifests: readonly ExportedManifest[];
    /** Tags that were left as they were. */
    readonly keptTags: readonly string[];
  },
): Promise<Verified> {
  const { keptTags, manifests, signal } = options;
  const run: Run = { reader, open, signal, seen: new Set(), blobs: new Map() };
  for (const { tag, descriptor } of manifests) {
    await verifyManifest(run, descriptor.digest);
    if (tag !== undefined && !keptTags.includes(tag)) await verifyTag(run, tag, descriptor.digest);
  }
  await pMap(run.blobs, ([digest, size]) => verifyBlob(run, digest, size), {
    concurrency: parallelChecks,
  });
  return { manifests: run.seen.size, blobs: run.blobs.size };
}

interface Run {
  readonly reader: ExportReader;
  readonly open: OpenRegistry;
  readonly signal: AbortSignal | undefined;
  readonly seen: Set<Digest>;
  readonly blobs: Map<Digest, number>;
}

async function verifyManifest(run: Run, digest: Digest): Promise<void> {
  const { reader, open, seen, blobs, signal } = run;
  if (seen.has(digest)) return;
  const expected = await reader.findManifest(digest);
  // One for a platform that was not chosen.
  if (expected === undefined) return;
  seen.add(digest);
  await open.registry.readManifest(open.reference.repository, digest, { signal });
  const { config, layers, manifests } = parseManifest(expected.bytes);
  for (const blob of [config ?? [], layers].flat()) {
    if (!isForeignLayer(blob.mediaType)) blobs.set(blob.digest, blob.size);
  }
  for (const part of manifests) await verifyManifest(run, part.digest);
}

async function verifyTag({ open, signal }: Run, tag: string, digest: Digest): Promise<void> {
  const { registry, reference, name } = open;
  const found = await registry.readManifest(reference.repository, tag, { signal });
  // Registries know a tag by sha256 only.
  if (found.descriptor.digest === digest || digest.startsWith("sha512:")) return;
  throw new OciError(
    "OCI_DIGEST_MISMATCH",
    `Cannot verify ${name}:${tag}: it points to ${found.descriptor.digest} and not to ${digest}`,
    { hint: "Somebody else writes to the same place: import again" },
  );
}

async function verifyBlob({ open, signal }: Run, digest: Digest, size: number): Promise<void> {
  const { registry, reference, name } = open;
  const found = await registry.statBlob(reference.repository, digest, { signal });
  if (found === size) return;
  const why = found === undefined ? "it is not there" : `it has ${found} bytes and not ${size}`;
  throw new OciError("OCI_BLOB_UNKNOWN", `Cannot verify blob ${name}@${digest}: ${why}`, {
    hint: "The registry lost it: import again",
  });
}
