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

/** Expressions over a live object, each true or false. */
export interface CelExpressions {
  readonly current: string;
  readonly failed?: string | undefined;
  readonly inProgress?: string | undefined;
}

/** CUE path of a health check. */
export function healthCheckPath(name: string, ...fields: readonly string[]): string {
  return ["timoni.healthChecks", JSON.stringify(name), ...fields].join(".");
}

/** The kinds that a check is about: `group/Kind`, or the group. */
export function healthCheckTarget({
  group,
  kind,
}: Pick<DeclaredHealthCheck, "group" | "kind">): string {
  return kind === undefined ? group : `${group}/${kind}`;
}
