import type { BundleSelection } from "@tenon/deploy";

import type { CommandContext } from "../../context.ts";
import { usageError } from "../../errors.ts";
import { type BundleFlagValues, bundleRequest } from "./bundle-flags.ts";

/** Which bundle is meant: the one that is named, or the one in the files. */
export function bundleSelection(
  command: string,
  name: string | undefined,
  flags: BundleFlagValues,
  context: CommandContext,
): BundleSelection {
  if (name === undefined && flags.file.length === 0) {
    throw usageError(command, "No bundle is named: give its name, or its file with -f");
  }
  if (name !== undefined && flags.file.length > 0) {
    throw usageError(command, "Give the name of the bundle or its file, not both");
  }
  return { ...bundleRequest(flags, context), name };
}
