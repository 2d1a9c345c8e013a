import type { ObjectRef } from "@tenon/core";

import { KubeError } from "../errors.ts";
import type { DriftedField } from "./compare-owned.ts";

/** What does not count as drift. */
export interface IgnoreRules {
  /** `Kind/name:path`, each with `*` for any; the name and the path may be left out. */
  readonly fields?: readonly string[] | undefined;
  /** Field managers whose changes are expected. */
  readonly managers?: readonly string[] | undefined;
}

/** Tells whether a drifted field counts. */
export type Counts = (ref: ObjectRef, field: DriftedField) => boolean;

/**
 * Reads ignore rules.
 *
 * @throws KubeError `KUBE_INVALID` for a rule that cannot be read
 */
export function parseIgnoreRules(rules: IgnoreRules = {}): Counts {
  const fields = (rules.fields ?? []).map(parseRule);
  const managers = new Set(rules.managers);
  return (ref, field) =>
    !(field.by !== undefined && managers.has(field.by.manager)) &&
    !fields.some((matches) => matches(ref, field));
}

function parseRule(rule: string): (ref: ObjectRef, field: DriftedField) => boolean {
  const match = /^([^/:\s]+)(?:\/([^:\s]+))?(?::(\S+))?$/.exec(rule);
  if (match === null) {
    throw new KubeError("KUBE_INVALID", `Cannot read ignore rule ${JSON.stringify(rule)}`, {
      hint: "Write it like Deployment/web:spec.replicas or '*:metadata.annotations'",
    });
  }
  const [, kind = "*", name = "*", path = "*"] = match;
  const [isKind, isName] = [wildcard(kind), wildcard(name)];
  return (ref, field) => isKind(ref.kind) && isName(ref.name) && isWithin(field.path, path);
}

function wildcard(pattern: string): (text: string) => boolean {
  const source = pattern.split("*").map(escaped).join(".*");
  const expression = new RegExp(`^${source}$`, "i");
  return (text) => expression.test(text);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A rule takes the field and all that is in it. */
function isWithin(path: string, rule: string): boolean {
  const inner = new RegExp(`^${rule.split("*").map(escaped).join(".*")}($|[.[])`);
  return rule === "*" || inner.test(path);
}
