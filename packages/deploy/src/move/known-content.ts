import type { Digest } from "@tenon/core";
import {
  type Descriptor,
  type ExportReader,
  type FindKnown,
  isForeignLayer,
  openExport,
  parseManifest,
} from "@tenon/oci";

import { type OpenRegistry, type RegistryContext, openTarget } from "../source/open-registry.ts";
import { parseNewPlace, repositoryAt } from "./new-place.ts";

/** What other places have. Dispose it to free connections. */
export interface KnownContent extends AsyncDisposable {
  readonly find: FindKnown;
}

/**
 * Opens the places of `--since`: earlier exports, and registries that were imported to.
 *
 * @param places paths, or `oci://host/prefix`
 * @throws OciError as `openExport` and `openTarget`
 */
export async function openKnown(
  context: RegistryContext,
  places: readonly string[],
): Promise<KnownContent> {
  const opened: KnownContent[] = [];
  for (const place of places) {
    const isRegistry = place.startsWith("oci://");
    opened.push(isRegistry ? inRegistry(context, place) : await inExport(place));
  }
  return {
    async find(repository, digest) {
      for (const { find } of opened) {
        const size = await find(repository, digest);
        if (size !== undefined) return size;
      }
      return undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const known of opened) await known[Symbol.asyncDispose]();
    },
  };
}

function inRegistry(context: RegistryContext, url: string): KnownContent {
  const place = parseNewPlace(url);
  const clients = new Map<string, OpenRegistry>();
  const clientOf = (repository: string): OpenRegistry => {
    const known = clients.get(repository);
    if (known !== undefined) return known;
    const open = openTarget(context, `oci://${place.host}/${repositoryAt(place, repository)}`);
    clients.set(repository, open);
    return open;
  };
  return {
    find(repository, digest) {
      const { registry, reference } = clientOf(repository);
      return registry.statBlob(reference.repository, digest, { signal: context.signal });
    },
    async [Symbol.asyncDispose]() {
      for (const open of clients.values()) await open[Symbol.asyncDispose]();
    },
  };
}

/** An earlier export counts for what it holds and for what it left out, as somebody has that. */
async function inExport(path: string): Promise<KnownContent> {
  await using reader = await openExport(path);
  const sizes = new Map<string, number>();
  for (const { repository, descriptor } of reader.index.manifests) {
    for (const { digest, size } of await blobsOf(reader, descriptor, new Set())) {
      sizes.set(`${repository} ${digest}`, size);
    }
  }
  return {
    find: async (repository, digest) => sizes.get(`${repository} ${digest}`),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * The blobs that a manifest of an export names, and of an index those of the manifests that are in the
 * export.
 *
 * @param seen manifests that are not looked into again; those that are will be added
 */
async function blobsOf(
  reader: ExportReader,
  { digest }: Pick<Descriptor, "digest">,
  seen: Set<Digest>,
): Promise<Descriptor[]> {
  if (seen.has(digest)) return [];
  seen.add(digest);
  const found = await reader.findManifest(digest);
  if (found === undefined) return [];
  const { config, layers, manifests } = parseManifest(found.bytes);
  const blobs = [config ?? [], layers].flat().filter((blob) => !isForeignLayer(blob.mediaType));
  for (const part of manifests) blobs.push(...(await blobsOf(reader, part, seen)));
  return blobs;
}
