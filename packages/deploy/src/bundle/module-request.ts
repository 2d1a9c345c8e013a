import type { BundleModule } from "@tenon/schema";

import type { ModuleRequest } from "../source/open-module.ts";

/** Where the module of an instance is. A folder has no versions: what a bundle says of them is left alone. */
export function moduleRequest(
  { url, version, digest }: Pick<BundleModule, "url"> & Partial<BundleModule>,
  creds: string | undefined,
): ModuleRequest {
  const isFolder = url.startsWith("file://");
  return { location: url, version: isFolder ? undefined : version, digest, creds };
}
