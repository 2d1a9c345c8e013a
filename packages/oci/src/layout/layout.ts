import { resolve } from "node:path";

import type { Digest } from "@tenon/core";

import type { Registry } from "../registry.ts";
import { createDeleter } from "./delete.ts";
import { createLister } from "./list.ts";
import { type LayoutStore, repositoryPath } from "./paths.ts";
import { adoptBlob, createPusher } from "./push.ts";
import { createReader } from "./read.ts";
import { createStaging } from "./staging.ts";

/** A registry in a folder, with what a server beside it can do without a copy. */
export interface LayoutRegistry extends Registry {
  /**
   * A folder of this process on the volume of the blobs. What a process that was killed left in its
   * own is removed when the next one writes.
   */
  staging(): Promise<string>;
  /** Makes a blob of a file in {@link staging}, whose size and digest the caller has checked. */
  adoptBlob(
    repository: string,
    blob: { readonly digest: Digest; readonly size: number },
    path: string,
  ): Promise<void>;
  /** Removes the staging folder. The registry can still be used. */
  close(): Promise<void>;
}

/**
 * Opens a directory in which each repository is an OCI image layout of its own:
 * `skopeo inspect --raw oci:DIR/org/app:1.0.0` reads what was pushed as `org/app:1.0.0`.
 * Made on the first push. Many processes may use it at once, each may be killed at any time, and what
 * a call has stored outlasts a failure of power.
 */
export function createLayoutRegistry(dir: string): LayoutRegistry {
  const root = resolve(dir);
  const staging = createStaging(root);
  const store = { root, locate: (name: string) => repositoryPath(root, name), staging };
  return {
    ...compose(store),
    staging: () => staging.folder(),
    adoptBlob: (repository, blob, path) => adoptBlob(store, repository, { ...blob, path }),
    close: () => staging.close(),
  };
}

/**
 * Opens one OCI image layout, whatever repository is asked for: tags are the
 * `org.opencontainers.image.ref.name` of its index. Made on the first push.
 */
export function createLayout(dir: string): Registry {
  const root = resolve(dir);
  return compose({ root: undefined, locate: () => root });
}

function compose(store: LayoutStore): Registry {
  return {
    ...createReader(store),
    ...createPusher(store),
    ...createLister(store),
    ...createDeleter(store),
  };
}
