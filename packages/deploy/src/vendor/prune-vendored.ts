import { readdir, rmdir } from "node:fs/promises";
import path from "node:path";

import { pruneLayouts } from "@tenon/oci";

import { hostFolder } from "./vendor-layout.ts";
import { artifactsOf } from "./vendored-list.ts";

/**
 * Deletes what none of the references is to, and checks the rest against its digests.
 *
 * @returns whether something is damaged or missing, which has to be fetched again
 * @throws OciError as `pruneLayouts`
 */
export async function pruneVendored(
  dir: string,
  references: readonly string[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<boolean> {
  const kept = artifactsOf(references);
  let isDamaged = false;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = path.join(dir, entry.name);
    const own = kept.filter(({ host }) => hostFolder(dir, host) === folder);
    const { damaged } = await pruneLayouts(folder, own, options);
    isDamaged ||= damaged.length > 0;
    // Another host needs it, or something of the user is in it.
    await rmdir(folder).catch(() => undefined);
  }
  return isDamaged;
}
