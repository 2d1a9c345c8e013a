import { resolve } from "node:path";

import type { Registry } from "../registry.ts";
import { createDeleter } from "./delete.ts";
import { createLister } from "./list.ts";
import { type LayoutStore, repositoryPath } from "./paths.ts";
import { createPusher } from "./push.ts";
import { createReader } from "./read.ts";

/**
 * Opens a directory in which each repository is an OCI image layout of its own:
 * `skopeo inspect --raw oci:DIR/org/app:1.0.0` reads what was pushed as `org/app:1.0.0`.
 * Made on the first push. Many processes may use it at once.
 */
export function createLayoutRegistry(dir: string): Registry {
  const root = resolve(dir);
  return compose({ root, locate: (repository) => repositoryPath(root, repository) });
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
