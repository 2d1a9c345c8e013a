import type { BundleRequest } from "@tenon/deploy";

import type { CommandContext } from "../../context.ts";
import { isSwitchedOn } from "../../environment.ts";

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

/** `--lock`. */
export const lockFileFlag = {
  type: "string",
  value: "file",
  complete: "file",
  summary: "The lock file; tenon.lock beside the bundle unless given [env: TENON_LOCK_FILE]",
} as const;

/** Flags of commands that open the modules of a bundle. */
export const lockFlags: {
  readonly lock: typeof lockFileFlag;
  readonly locked: { readonly type: "boolean"; readonly summary: string };
} = {
  lock: lockFileFlag,
  locked: {
    type: "boolean",
    summary:
      "Fail unless the lock file lists exactly what the bundle uses, and registries have it [env: TENON_LOCKED]",
  },
};

/** `--pre`. */
export const preFlag = { type: "boolean", summary: "Pre-releases count too" } as const;

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
  readonly lock?: string | undefined;
  readonly locked?: boolean;
}

/** What the flags ask for. */
export function bundleRequest(flags: BundleFlagValues, context: CommandContext): BundleRequest {
  const { env } = context.io;
  return {
    lockFile: flags.lock ?? (env["TENON_LOCK_FILE"] || undefined),
    locked: flags.locked === true || isSwitchedOn(env, "TENON_LOCKED"),
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
