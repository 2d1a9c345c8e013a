import { qualifiedName } from "./formats.ts";
import { one, parseQuantity } from "./quantity.ts";
import { type Fields, type Findings, type Path, isRecord, ownOf, recordOf } from "./rule.ts";

const computeResources = ["cpu", "memory", "ephemeral-storage"];

const countedResources = [
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
];

/** What a quota can limit without a name of its own kind. */
export const quotaResources: ReadonlySet<string> = new Set([
  ...computeResources,
  ...countedResources,
  ...computeResources.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  "requests.storage",
]);

/** Where resources are named: each place takes other ones. */
export type ResourcePlace = "container" | "quota" | "limits";

/** Checks the names and amounts of a map of resources. */
export function checkAmounts(
  found: Findings,
  amounts: unknown,
  path: Path,
  place: ResourcePlace,
): void {
  if (!isRecord(amounts)) return;
  for (const [name, value] of Object.entries(amounts)) {
    const at = [...path, name];
    const expected = expectedResource(name, place);
    if (expected !== undefined)
      found.problem(at, `${JSON.stringify(name)} is no resource: expected ${expected}`);
    checkAmount(found, name, value, at);
  }
}

/** Checks one amount of a resource. */
export function checkAmount(found: Findings, name: string, value: unknown, path: Path): void {
  const amount = parseQuantity(value);
  if (amount === undefined) return;
  if (amount < 0n) found.expected(path, "an amount of at least 0", value);
  else if (isWhole(name) && amount % one !== 0n) found.expected(path, "a whole number", value);
}

/** What the name of a resource must be, where it is not. */
export function expectedResource(name: string, place: ResourcePlace): string | undefined {
  if (!qualifiedName.fits(name)) return qualifiedName.expected;
  if (name.includes("/") || /^(requests\.)?hugepages-/.test(name)) return undefined;
  if (place === "container") {
    if (computeResources.includes(name)) return undefined;
    return "cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a DNS prefix";
  }
  if (quotaResources.has(name) || (place === "limits" && name === "storage")) return undefined;
  return "a resource of Kubernetes or a name with a DNS prefix";
}

function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

function isWhole(name: string): boolean {
  return countedResources.includes(name) || (!isNative(name) && !name.startsWith("requests."));
}

/** Checks the resources of a container: names, amounts, and requests against limits. */
export function checkResources({ limits, requests }: Fields, found: Findings): void {
  checkAmounts(found, limits, ["limits"], "container");
  checkAmounts(found, requests, ["requests"], "container");
  for (const [name, value] of Object.entries(recordOf(requests))) {
    const limit = ownOf(recordOf(limits), name);
    const [amount, most] = [parseQuantity(value), parseQuantity(limit)];
    const isFixed = !isNative(name) || name.startsWith("hugepages-");
    if (amount === undefined) continue;
    if (most === undefined) {
      if (isFixed && limit === undefined)
        found.problem(["requests", name], `a limit of ${name} is required too`);
    } else if (isFixed ? amount !== most : amount > most) {
      const relation = isFixed ? "the same as" : "at most";
      found.expected(["requests", name], `${relation} the limit, which is ${String(limit)}`, value);
    }
  }
}
