import type { ModuleFiles } from "@tenon/schema";

declare const verified: unique symbol;

/**
 * A module whose files were checked against the reference that it was opened by. Only
 * {@link openModule} and `openBuilt` make one; everything that renders or applies takes one.
 */
export interface VerifiedModule extends ModuleFiles {
  readonly [verified]: true;
  /** The name in `cue.mod/module.cue`. */
  readonly name: string;
  /** `oci://registry/repository`, or the directory as it was given. */
  readonly repository: string;
  /** The version that the artifact says it is; `0.0.0-devel` of a directory. */
  readonly version: string;
  /** Digest of the artifact's manifest; `unknown` of a directory. */
  readonly digest: string;
  /** Where it was read, if not at `repository`: `host/repository:tag`. */
  readonly mirror?: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Marks a module as verified. For {@link openModule} and `openBuilt` alone. */
export function markVerified(module: Omit<VerifiedModule, typeof verified>): VerifiedModule {
  return module as VerifiedModule;
}
