import type { Registry } from "../registry.ts";
import { createDeleter } from "./delete.ts";
import { createLister } from "./list.ts";
import { createPusher } from "./push.ts";
import { createReader } from "./read.ts";
import { createStore } from "./store.ts";

/**
 * Makes an empty registry that lives in memory. For tests and for short-lived servers.
 *
 * @example
 * ```ts
 * const registry = createMemoryRegistry();
 * await registry.pushManifest("org/app", { mediaType, bytes }, { tags: ["1.0.0"] });
 * ```
 */
export function createMemoryRegistry(): Registry {
  const store = createStore();
  return {
    ...createReader(store),
    ...createPusher(store),
    ...createLister(store),
    ...createDeleter(store),
  };
}
