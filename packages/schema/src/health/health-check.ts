/** A health check that a module declares. */
export interface DeclaredHealthCheck {
  /** Its name under `timoni.healthChecks`. */
  readonly name: string;
  readonly group: string;
  /** Every kind of the group when it is left out. */
  readonly kind?: string | undefined;
  /** The expressions of a check that is written in CEL; one without them is CUE. */
  readonly cel?: CelExpressions | undefined;
}

/** The health checks of a module, with what it takes to evaluate them where the module is not at hand. */
export interface ModuleHealthChecks {
  readonly checks: readonly DeclaredHealthCheck[];
  /** Folder of the CUE package that declares them. */
  readonly dir: string;
  readonly package: string;
  /** A smaller module that has the checks in CUE and nothing else; absent when there is none. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** The texts in the files that are not the module's own: a secret may be among them. */
  readonly texts?: readonly string[] | undefined;
}

/** Expressions over a live object, each true or false. */
export interface CelExpressions {
  readonly current: string;
  readonly failed?: string | undefined;
  readonly inProgress?: string | undefined;
}

/** CUE path of a health check, or of a field of it. */
export function healthCheckPath(name: string, ...fields: readonly string[]): string {
  return ["timoni.healthChecks", JSON.stringify(name), ...fields].join(".");
}

/** The kinds that a check is about: `group/Kind`, or the group. */
export function healthCheckTarget({
  group,
  kind,
}: Pick<DeclaredHealthCheck, "group" | "kind">): string {
  return kind ? `${group}/${kind}` : group;
}
