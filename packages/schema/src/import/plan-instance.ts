import type { Manifest, ManifestSet } from "../manifest/read-manifests.ts";
import type { Text } from "./cue-text.ts";

/** The instance that the manifests are one of. */
export interface InstancePlan {
  /** Its name: what the names of its objects are or begin with. */
  readonly name: string;
  readonly namespace: string;
  /** Whether names of objects follow that of the instance. */
  readonly isNamed: boolean;
}

const serviceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Kinds with names that are not their authors' choice. */
const fixedNames: ReadonlySet<string> = new Set([
  "Namespace",
  "CustomResourceDefinition",
  "APIService",
]);

/** The instance that manifests are; where their names have nothing in common, it is named as the module. */
export function planInstance(set: ManifestSet, moduleName: string): InstancePlan {
  const name = commonName(set.manifests);
  return { name: name ?? moduleName, namespace: set.namespace, isNamed: name !== undefined };
}

/** What the names of most objects are, or begin with before a dash; the longest of these. */
export function commonName(manifests: readonly Manifest[]): string | undefined {
  const names = manifests.filter(hasOwnName).map(({ ref }) => ref.name);
  let best: { name: string; count: number } | undefined;
  for (const candidate of names.flatMap(beginnings)) {
    const count = names.filter((name) => isNamedAfter(name, candidate)).length;
    const isBetter = best === undefined || count > best.count;
    if (isBetter && serviceName.test(candidate)) best = { name: candidate, count };
  }
  return best?.name;
}

/** Tells whether authors choose the name of the object. */
export function hasOwnName({ ref }: Manifest): boolean {
  return !fixedNames.has(ref.kind);
}

/** Tells whether a name is that of the instance, or begins with it and a dash. */
export function isNamedAfter(name: string, instance: string): boolean {
  return name === instance || name.startsWith(`${instance}-`);
}

/** A name as one that follows the instance's, where it does. */
export function followingName(
  name: string,
  { name: instance, isNamed }: InstancePlan,
): Text | undefined {
  if (!isNamed || !isNamedAfter(name, instance)) return undefined;
  const rest = name.slice(instance.length);
  return rest === "" ? [{ metadata: "name" }] : [{ metadata: "name" }, rest];
}

/** A name without that of the instance before it. */
export function shortName(name: string, { name: instance, isNamed }: InstancePlan): string {
  return isNamed && name.startsWith(`${instance}-`) ? name.slice(instance.length + 1) : name;
}

/** The longest first: `a-b-c`, `a-b`, `a`. */
function beginnings(name: string): string[] {
  const parts = name.split("-");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
}
