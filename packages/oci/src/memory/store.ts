import type { Digest } from "@tenon/core";

import { unknownManifest, unknownName } from "../missing.ts";
import { parseRepository, parseTagOrDigest } from "../reference.ts";
import type { Manifest } from "../registry.ts";

/** What one repository holds. */
export interface MemoryRepository {
  readonly blobs: Map<Digest, Uint8Array>;
  readonly manifests: Map<Digest, Manifest>;
  readonly tags: Map<string, Digest>;
}

/** The repositories by name. */
export type MemoryStore = Map<string, MemoryRepository>;

/** Makes an empty store. */
export function createStore(): MemoryStore {
  return new Map();
}

/** The repository, made if there is none. */
export function openRepository(store: MemoryStore, name: string): MemoryRepository {
  const known = store.get(parseRepository(name));
  if (known !== undefined) return known;
  const made: MemoryRepository = { blobs: new Map(), manifests: new Map(), tags: new Map() };
  store.set(name, made);
  return made;
}

/** The repository, which must exist. */
export function findRepository(store: MemoryStore, name: string): MemoryRepository {
  const known = store.get(parseRepository(name));
  if (known === undefined) throw unknownName(name);
  return known;
}

/** The manifest that a tag or digest points to. */
export function findManifest(store: MemoryStore, name: string, reference: string): Manifest {
  const wanted = parseTagOrDigest(reference);
  const repository = findRepository(store, name);
  const digest = repository.tags.get(wanted) ?? (wanted as Digest);
  const manifest = repository.manifests.get(digest);
  if (manifest === undefined) throw unknownManifest(name, reference);
  return manifest;
}
