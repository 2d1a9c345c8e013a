import type { BundleRequest } from "@tenon/deploy";

import type { CommandContext } from "../../context.ts";

/** `-f`. */
export const bundleFileFlag = {
  type: "strings",
  short: "f",
  split: true,
  value: "file",
  complete: "file",
  summary:
    "CUE, YAML, JSON or TypeScript file of the bundle, `-` for CUE on stdin; may be repeated, all files are unified",
} as const;

/** Flags that say which clusters a bundle goes to. */
export const runtimeFlags = {
  runtime: {
    type: "strings",
    short: "r",
    split: true,
    value: "file",
    complete: "file",
    summary: "File of the runtime that names the clusters and values; may be repeated",
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

/** `--runtime-from-env`. */
export const fromEnvFlag = {
  type: "boolean",
  summary: "Give fields with @timoni(runtime:…) the values of environment variables",
} as const;

/** Flags that say what a bundle is and which clusters it goes to. */
export const bundleFlags: typeof runtimeFlags & {
  readonly file: typeof bundleFileFlag;
  readonly "runtime-from-env": typeof fromEnvFlag;
  readonly workdir: typeof workdirFlag;
} = {
  file: bundleFileFlag,
  ...runtimeFlags,
  "runtime-from-env": fromEnvFlag,
  workdir: workdirFlag,
};

/** The values of {@link bundleFlags}. */
export interface BundleFlagValues {
  readonly file: readonly string[];
  readonly runtime: readonly string[];
  readonly "runtime-cluster": string | undefined;
  readonly "runtime-group": string | undefined;
  readonly "runtime-from-env": boolean;
  readonly workdir?: string | undefined;
}

/** What the flags ask for. */
export function bundleRequest(flags: BundleFlagValues, context: CommandContext): BundleRequest {
  return {
    files: flags.file,
    runtimes: flags.runtime,
    cluster: flags["runtime-cluster"],
    group: flags["runtime-group"],
    runtimeFromEnv: flags["runtime-from-env"],
    workdir: flags.workdir,
    stdin: context.io.stdin,
    kube: context.cluster(),
  };
}
