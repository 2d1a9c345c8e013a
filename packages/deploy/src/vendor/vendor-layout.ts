import path from "node:path";

import { type LayoutRegistry, createLayoutRegistry } from "@tenon/oci";

/**
 * The folder in which the repositories of a registry are vendored. No host has a `_`, so that each has
 * a folder of its own, also where a name cannot hold a colon.
 */
export function hostFolder(dir: string, host: string): string {
  return path.join(dir, host.replaceAll(":", "_").replaceAll(/[[\]]/g, ""));
}

/** What is vendored of a registry. Each repository is an OCI image layout. Close it after writes. */
export function vendorLayout(dir: string, host: string): LayoutRegistry {
  return createLayoutRegistry(hostFolder(dir, host));
}
