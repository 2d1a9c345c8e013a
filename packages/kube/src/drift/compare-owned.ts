import type { KubeObjectView } from "@tenon/core";

import { isEqual } from "../diff.ts";
import { fieldManager } from "../identity.ts";
import { type ManagedFields, managedFields } from "../live-object.ts";
import { type OwnedFields, leafOf, memberAt } from "../owned-fields.ts";

/** Who changed a field, as far as the server keeps track. */
export interface FieldAuthor {
  readonly manager: string;
  readonly operation?: string | undefined;
  readonly subresource?: string | undefined;
  /** RFC 3339. */
  readonly time?: string | undefined;
}

/** A field that is not what was applied. */
export interface DriftedField {
  /** Such as `spec.template.spec.containers[web].image`. */
  readonly path: string;
  /** What the server made of it when it was applied. */
  readonly applied?: unknown;
  /** What it is now; absent when the field is gone. */
  readonly live?: unknown;
  /** Absent where the server keeps no trace. */
  readonly by?: FieldAuthor | undefined;
}

/** The fields of a live object that are not as they were applied. Data of Secrets is masked. */
export function compareOwned(state: OwnedFields, view: KubeObjectView): DriftedField[] {
  const found: DriftedField[] = [];
  walk({ state, live: view, path: [] }, { view, leaf: leafOf(view), found });
  return found;
}

interface Place {
  readonly state: OwnedFields;
  readonly live: unknown;
  readonly path: readonly string[];
}

interface Walk {
  readonly view: KubeObjectView;
  readonly leaf: ReturnType<typeof leafOf>;
  readonly found: DriftedField[];
}

function walk({ state, live, path }: Place, walking: Walk): void {
  for (const [element, inner] of Object.entries(state)) {
    if (element === "." || element === "=") continue;
    const at = [...path, element];
    const member = memberAt(live, element);
    const expected = inner as OwnedFields;
    if (member === undefined) {
      report(at, { applied: valueOf(expected) }, walking);
    } else if ("=" in expected) {
      const now = walking.leaf(member, at);
      if (!isEqual(expected["="], now)) report(at, { applied: expected["="], live: now }, walking);
    } else {
      walk({ state: expected, live: member, path: at }, walking);
    }
  }
}

function report(
  elements: readonly string[],
  values: { readonly applied: unknown; readonly live?: unknown },
  { view, found }: Walk,
): void {
  const secret = view.kind === "Secret" && view.apiVersion === "v1" && elements[0] === "f:data";
  const shown = secret
    ? { applied: "*** (applied)", ...(values.live === undefined ? {} : { live: "*** (live)" }) }
    : values;
  const by = authorOf(view, elements);
  found.push({ path: pathText(elements), ...shown, ...(by === undefined ? {} : { by }) });
}

/** The last of the others that have the field, or something in it. */
function authorOf(view: KubeObjectView, elements: readonly string[]): FieldAuthor | undefined {
  const others = managedFields(view).filter(
    (entry) => !isOurs(entry) && has(entry.fieldsV1, elements),
  );
  const last = others.toSorted((a, b) => (a.time ?? "").localeCompare(b.time ?? "")).at(-1);
  if (last?.manager === undefined) return undefined;
  const { manager, operation, subresource, time } = last;
  return { manager, operation, ...(subresource ? { subresource } : {}), time };
}

function isOurs({ manager, operation }: ManagedFields): boolean {
  return manager === fieldManager && operation === "Apply";
}

function has(fields: unknown, [element, ...rest]: readonly string[]): boolean {
  if (element === undefined) return true;
  const inner = (fields as Record<string, unknown> | undefined)?.[element];
  if (inner === undefined) return false;
  // Who has the whole has all that is in it.
  return Object.keys(inner as object).length === 0 || has(inner, rest);
}

/** What was applied, with list items by their keys. */
function valueOf(state: OwnedFields): unknown {
  if ("=" in state) return state["="];
  const entries = Object.entries(state).filter(([element]) => element !== ".");
  return Object.fromEntries(
    entries.map(([element, inner]) => [elementText(element), valueOf(inner as OwnedFields)]),
  );
}

/** A path in the notation of diffs. */
function pathText(elements: readonly string[]): string {
  let text = "";
  for (const element of elements) {
    const name = elementText(element);
    if (!element.startsWith("f:")) text += `[${name}]`;
    else if (!/^[A-Za-z_][\w-]*$/.test(name)) text += `[${JSON.stringify(name)}]`;
    else text += text === "" ? name : `.${name}`;
  }
  return text;
}

function elementText(element: string): string {
  const rest = element.slice(2);
  if (!element.startsWith("k:")) return rest;
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
  const [first] = keys;
  if (keys.length === 1 || first?.[0] === "containerPort" || first?.[0] === "port") {
    return String(first?.[1]);
  }
  return keys.map(([name, value]) => `${name}=${String(value)}`).join(",");
}
