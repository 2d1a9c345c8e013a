import {
  type KubeObjectView,
  type Position,
  type ResourceSet,
  groupOf,
  suggest,
} from "@tenon/core";

import { DeployError } from "../errors.ts";

/** An instance of a bundle, with what tells whom it depends on. */
export interface GraphInstance {
  readonly name: string;
  readonly namespace: string;
  /** Names of instances that it says it needs. */
  readonly dependsOn: readonly string[];
  /** Its objects; without them only the declared dependencies count. */
  readonly sets?: readonly ResourceSet[] | undefined;
  /** Where it stands in the user's file. */
  readonly position?: Position | undefined;
  /** Where the names in `dependsOn` are written. */
  readonly dependencyPositions?: readonly (Position | undefined)[] | undefined;
}

/** Why an instance depends on another. */
export type EdgeReason =
  | { readonly type: "declared" }
  /** The other defines a kind of its objects. */
  | { readonly type: "kind"; readonly group: string; readonly kind: string }
  /** The other has a namespace that it, or an object of it, is in. */
  | { readonly type: "namespace"; readonly namespace: string };

/** `from` is applied after `to`. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly reasons: readonly EdgeReason[];
}

/** What each instance of a bundle on one cluster depends on, in the order of declaration. */
export type InstanceGraph = ReadonlyMap<string, readonly Edge[]>;

/**
 * Finds out which instances of a bundle have to be applied before which others: what they declare,
 * kinds that one defines and another uses, namespaces that one has and another is in.
 *
 * @throws DeployError `DEPLOY_DEPENDENCY_UNKNOWN` `DEPLOY_DEPENDENCY_CYCLE`
 *
 * @example
 * const graph = instanceGraph("shop", instances);
 * const needed = graph.get("web")?.map(({ to }) => to);
 */
export function instanceGraph(bundle: string, instances: readonly GraphInstance[]): InstanceGraph {
  rejectUnknown(bundle, instances);
  const providers = providersOf(instances);
  const graph = new Map(
    instances.map((instance) => [instance.name, edgesOf(instance, providers)] as const),
  );
  const cycle = findCycle(graph);
  if (cycle !== undefined) throw cycleError(bundle, cycle, instances);
  return graph;
}

/** The graph as names: what each instance comes after. */
export function namesOf(graph: InstanceGraph): ReadonlyMap<string, readonly string[]> {
  return new Map([...graph].map(([name, edges]) => [name, edges.map(({ to }) => to)]));
}

/** A reason in words: `defines kind Database.example.com`. */
export function reasonText(reason: EdgeReason): string {
  switch (reason.type) {
    case "declared":
      return "declared in dependsOn";
    case "kind":
      return `which defines kind ${reason.kind}.${reason.group}`;
    case "namespace":
      return `which has namespace ${reason.namespace}`;
  }
}

interface Providers {
  /** Instances that define a kind, by `group/Kind`. */
  readonly kinds: ReadonlyMap<string, readonly string[]>;
  /** Instances that have a Namespace object, by its name. */
  readonly namespaces: ReadonlyMap<string, readonly string[]>;
}

function providersOf(instances: readonly GraphInstance[]): Providers {
  const kinds = new Map<string, string[]>();
  const namespaces = new Map<string, string[]>();
  for (const instance of instances) {
    for (const view of viewsOf(instance)) {
      const kind = definedKind(view);
      if (kind !== undefined) push(kinds, kind, instance.name);
      if (isNamespace(view)) push(namespaces, view.metadata.name, instance.name);
    }
  }
  return { kinds, namespaces };
}

function edgesOf(instance: GraphInstance, { kinds, namespaces }: Providers): Edge[] {
  const found = new Map<string, EdgeReason[]>();
  for (const name of instance.dependsOn) push(found, name, { type: "declared" });
  const add = (providers: readonly string[] = [], reason: EdgeReason): void => {
    // What it brings itself it needs from nobody.
    if (providers.includes(instance.name)) return;
    for (const name of providers) {
      if (!found.get(name)?.some((known) => isSame(known, reason))) push(found, name, reason);
    }
  };
  for (const namespace of namespacesOf(instance)) {
    add(namespaces.get(namespace), { type: "namespace", namespace });
  }
  for (const { apiVersion, kind } of viewsOf(instance)) {
    const group = groupOf(apiVersion);
    add(kinds.get(`${group}/${kind}`), { type: "kind", group, kind });
  }
  return [...found].map(([to, reasons]) => ({ from: instance.name, to, reasons }));
}

function namespacesOf(instance: GraphInstance): Set<string> {
  const places = viewsOf(instance).map(({ metadata }) => metadata.namespace);
  const named = places.filter((namespace) => namespace !== undefined && namespace !== "");
  return new Set([instance.namespace, ...(named as string[])]);
}

function viewsOf({ sets = [] }: GraphInstance): KubeObjectView[] {
  return sets.flatMap(({ objects }) => objects.map(({ view }) => view));
}

/** Tells whether an object is a namespace. */
export function isNamespace({ apiVersion, kind }: KubeObjectView): boolean {
  return apiVersion === "v1" && kind === "Namespace";
}

/** `group/Kind` of what a CustomResourceDefinition defines; nothing for other objects. */
export function definedKind(view: KubeObjectView): string | undefined {
  if (view.kind !== "CustomResourceDefinition") return undefined;
  if (groupOf(view.apiVersion) !== "apiextensions.k8s.io") return undefined;
  const spec = view["spec"] as
    | { readonly group?: string; readonly names?: { readonly kind?: string } }
    | undefined;
  return `${spec?.group ?? ""}/${spec?.names?.kind ?? ""}`;
}

function rejectUnknown(bundle: string, instances: readonly GraphInstance[]): void {
  const names = instances.map(({ name }) => name);
  for (const instance of instances) {
    const { name, dependsOn } = instance;
    const unknown = dependsOn.find((needed) => !names.includes(needed));
    if (unknown === undefined) continue;
    const position = placeOf(instance, unknown);
    const near = suggest(unknown, names);
    const text = `instance ${name} depends on ${unknown}, which is not in the bundle`;
    throw new DeployError("DEPLOY_DEPENDENCY_UNKNOWN", `Cannot order bundle ${bundle}: ${text}`, {
      hint:
        near === undefined
          ? "Add the instance, or drop it from dependsOn"
          : `Did you mean ${near}?`,
      ...(position !== undefined && { diagnostics: [{ text, positions: [position] }] }),
    });
  }
}

/** The edges of one cycle, if there is any. */
function findCycle(graph: InstanceGraph): Edge[] | undefined {
  const left = new Set(graph.keys());
  const isStuck = (name: string): boolean => !graph.get(name)?.some(({ to }) => left.has(to));
  for (let free = [...left].filter(isStuck); free.length > 0; free = [...left].filter(isStuck)) {
    for (const name of free) left.delete(name);
  }
  const [start] = left;
  if (start === undefined) return undefined;
  const path: Edge[] = [];
  // Each that is left depends on another that is left: the way must come back to itself.
  for (let name = start; ;) {
    const again = path.findIndex(({ from }) => from === name);
    if (again >= 0) return path.slice(again);
    const edge = graph.get(name)!.find(({ to }) => left.has(to))!;
    path.push(edge);
    name = edge.to;
  }
}

function cycleError(
  bundle: string,
  cycle: readonly Edge[],
  instances: readonly GraphInstance[],
): DeployError {
  const way = [...cycle.map(({ from }) => from), cycle[0]!.from].join(" → ");
  const diagnostics = cycle.map(({ from, to, reasons }) => {
    const instance = instances.find(({ name }) => name === from);
    const position = instance && placeOf(instance, to);
    const text = `${from} needs ${to}, ${reasons.map(reasonText).join(" and ")}`;
    return { text, positions: position === undefined ? [] : [position] };
  });
  return new DeployError(
    "DEPLOY_DEPENDENCY_CYCLE",
    `Cannot order bundle ${bundle}: its instances need each other: ${way}`,
    {
      hint: "Move what both need into an instance of its own",
      diagnostics,
      details: { cycle },
    },
  );
}

/** Where an instance says that it needs another, or else where it stands itself. */
function placeOf(instance: GraphInstance, needed: string): Position | undefined {
  const { dependsOn, dependencyPositions, position } = instance;
  return dependencyPositions?.[dependsOn.indexOf(needed)] ?? position;
}

function isSame(a: EdgeReason, b: EdgeReason): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
