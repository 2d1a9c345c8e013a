import { join } from "node:path";

import { type Digest, digestAlgorithm, digestHex, parseDigest } from "@tenon/core";

import { parseRepository } from "../reference.ts";
import type { Staging } from "./staging.ts";

/** Where the layouts of repositories are. */
export interface LayoutStore {
  /** The folder with a layout for each repository; none where there is one layout only. */
  readonly root: string | undefined;
  /** The folder of a repository's layout. The name has been checked. */
  readonly locate: (repository: string) => string;
  /** Where this process writes files before they get their names; beside them where there is no such folder. */
  readonly staging?: Staging | undefined;
}

/** Names inside a layout that the parts of a repository's name must not collide with. */
const reserved: readonly string[] = ["blobs", "index.json", "oci-layout"];

/** The folder of a repository; its name cannot lead anywhere else, for its grammar forbids `..`. */
export function repositoryPath(root: string, repository: string): string {
  const parts = parseRepository(repository).split("/");
  // No repository ends in "_", so that the escaped name cannot be that of another one.
  return join(root, ...parts.map((part) => (reserved.includes(part) ? `${part}_` : part)));
}

/** The part of a repository's name that a folder stands for. */
export function repositoryPart(folder: string): string {
  return folder.endsWith("_") ? folder.slice(0, -1) : folder;
}

/** The folder of a repository's layout, with its name checked. */
export function layoutOf(store: LayoutStore, repository: string): string {
  return store.locate(parseRepository(repository));
}

/** The file of a blob. */
export function blobPath(layout: string, digest: Digest): string {
  const checked = parseDigest(digest);
  return join(layout, "blobs", digestAlgorithm(checked), digestHex(checked));
}
