import { rmdir } from "node:fs/promises";

import { pruneLayouts } from "@tenon/oci";

import { hostFolder } from "./vendor-layout.ts";
import { artifactsOf } from "./vendored-list.ts";

/**
 * Deletes what was vendored before and is not to be kept, and checks the rest against its digests.
 * Folders of hosts that nothing was vendored of are not looked into.
 *
 * @returns whether something is damaged or missing, which has to be fetched again
 * @throws OciError as `pruneLayouts`
 */
export async function pruneVendored(
  dir: string,
  { before, kept }: { readonly before: readonly string[]; readonly kept: readonly string[] },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<boolean> {
  const artifacts = artifactsOf(kept);
  const hosts = new Set([...artifactsOf(before), ...artifacts].map(({ host }) => host));
  let isDamaged = false;
  for (const host of hosts) {
    const folder = hostFolder(dir, host);
    const own = artifacts.filter((one) => one.host === host);
    const { damaged } = await pruneLayouts(folder, own, options);
    isDamaged ||= damaged.length > 0;
    // It may hold something else, or not be there.
    await rmdir(folder).catch(() => undefined);
  }
  return isDamaged;
}
