import type { ResourceSet } from "@tenon/core";

/** Where the module of an instance comes from. */
export interface ModuleReference {
  readonly name: string;
  readonly repository: string;
  readonly version: string;
  readonly digest: string;
  /** Where its newest content was read, if not at `repository`: `host/repository:tag`. */
  readonly mirror?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** An image that is taken from another place than the module says. */
export interface RewrittenImage {
  /** The reference as the module has it. */
  readonly from: string;
  /** The reference in the objects. */
  readonly to: string;
}

/** What an instance is to be: everything that an apply needs to know of it. */
export interface DesiredInstance {
  readonly name: string;
  readonly namespace: string;
  readonly module: ModuleReference;
  /** Text of the values, stored as given: mask secrets before. */
  readonly values?: string | undefined;
  readonly images: readonly string[];
  /** Those of the images that a mirror table gave another place. */
  readonly rewrittenImages?: readonly RewrittenImage[] | undefined;
  /** The module's health checks for the record, as data of whoever evaluates them; JSON. */
  readonly healthChecks?: unknown;
  readonly sets: readonly ResourceSet[];
  /** The bundle that the instance belongs to. */
  readonly bundle?: string | undefined;
}
