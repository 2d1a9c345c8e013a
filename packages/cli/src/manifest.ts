import type { CompletionKind, Flag } from "./define-command.ts";

/**
 * What can be said about the commands without running one. It is computed when the CLI is built,
 * so that help, `version` and completion need no other code.
 */
export interface Manifest {
  readonly about: About;
  readonly entries: readonly ManifestEntry[];
}

/** Versions. */
export interface About {
  /** API version of the module format. */
  readonly api: string;
  /** Version of this program. */
  readonly client: string;
  /** Version of the CUE language. */
  readonly cue: string;
}

/** A command, or a group of commands. The first entry, with an empty path, is the program. */
export interface ManifestEntry {
  /** Words after `tenon`. */
  readonly path: string;
  readonly aliases: readonly string[];
  /** Stands for the whole path. */
  readonly shortName?: string | undefined;
  readonly summary: string;
  readonly isGroup: boolean;
  /** Text of `--help`. */
  readonly help: string;
  readonly flags: readonly ManifestFlag[];
  readonly args: readonly ManifestArg[];
}

/** What completion needs to know of a flag. */
export interface ManifestFlag {
  readonly name: string;
  readonly short?: string | undefined;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly choices?: readonly string[] | undefined;
  readonly complete?: CompletionKind | undefined;
}

/** What completion needs to know of an argument. */
export interface ManifestArg {
  readonly many?: true | undefined;
  readonly choices?: readonly string[] | undefined;
  readonly complete?: CompletionKind | undefined;
}

/** The part of a flag that goes into the manifest. */
export function manifestFlag(name: string, flag: Flag): ManifestFlag {
  return {
    name,
    short: flag.short,
    summary: flag.summary,
    takesValue: flag.type !== "boolean",
    choices: flag.choices,
    complete: flag.complete,
  };
}
