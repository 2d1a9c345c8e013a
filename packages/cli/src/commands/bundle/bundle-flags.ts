import type { BundleRequest } from "@tenon/deploy";

import type { CommandContext } from "../../context.ts";

/** `-f`. */
export const bundleFileFlag = {
  type: "strings",
  short: "f",
  split: true,
  value: "file",
  complete: "file",
  summary: "CUE file of the bundle, `-` for stdin; may be repeated, all files are unified",
} as const;

/** Flags that say which clusters a bundle goes to. */
export const runtimeFlags = {
  runtime: {
    type: "strings",
    short: "r",
    split: true,
    value: "file",
    complete: "file",
    summary: "CUE file of the runtime that names the clusters; may be repeated",
  },
  "runtime-cluster": {
    type: "string",
    value: "name",
    summary: "Cluster of the runtime; all unless given",
  },
  "runtime-group": {
    type: "string",
    value: "name",
    summary: "Group of clusters of the runtime; all unless given",
  },
} as const;

/** `--workdir`. */
export const workdirFlag = {
  type: "string",
  value: "dir",
  complete: "directory",
  summary: "Folder whose CUE module the files import from; the current one unless given",
} as const;

/** Flags that say what a bundle is and which clusters it goes to. */
export const bundleFlags: typeof runtimeFlags & {
  readonly file: typeof bundleFileFlag;
  readonly workdir: typeof workdirFlag;
} = { file: bundleFileFlag, ...runtimeFlags, workdir: workdirFlag };

/** The values of {@link bundleFlags}. */
export interface BundleFlagValues {
  readonly file: readonly string[];
  readonly runtime: readonly string[];
  readonly "runtime-cluster": string | undefined;
  readonly "runtime-group": string | undefined;
  readonly workdir?: string | undefined;
}

/** What the flags ask for. */
export function bundleRequest(flags: BundleFlagValues, context: CommandContext): BundleRequest {
  return {
    files: flags.file,
    runtimes: flags.runtime,
    cluster: flags["runtime-cluster"],
    group: flags["runtime-group"],
    workdir: flags.workdir,
    stdin: context.io.stdin,
  };
}
