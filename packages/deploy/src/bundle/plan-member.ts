import { type KubeObjectView, groupOf, identityOf } from "@tenon/core";
import {
  type Change,
  type ChangeSet,
  type KubeClient,
  type PlanOptions,
  hasNamespace,
  planInstance,
} from "@tenon/kube";

import type { RenderedMember } from "./bundle-cluster.ts";
import { type InstanceGraph, definedKind, isNamespace } from "./graph.ts";

/** The rest of the bundle, as far as an instance needs it. */
export interface PlanSurroundings {
  readonly all: readonly RenderedMember[];
  readonly graph: InstanceGraph;
}

/**
 * Tells what applying one instance of a bundle would do. Objects of a kind or in a namespace that
 * instances before it would bring are taken to be created, as nobody can be asked about them yet.
 *
 * @throws KubeError as `planInstance`
 */
export async function planMember(
  client: KubeClient,
  { prepared: { desired }, member }: RenderedMember,
  surroundings: PlanSurroundings,
  options: PlanOptions,
): Promise<ChangeSet> {
  const provisions = new Provisions(client, ancestors(member.name, surroundings), options);
  const deferred: Change[] = [];
  const sets = [];
  for (const { name: set, objects } of desired.sets) {
    const known = [];
    for (const object of objects) {
      const change = await provisions.defer(object.view, desired.namespace);
      if (change === undefined) known.push(object);
      else deferred.push({ set, ...change });
    }
    sets.push({ name: set, objects: known });
  }
  const planned = await planInstance(client, { ...desired, sets }, options);
  const spared = new Set(deferred.map(({ ref }) => identityOf(ref)));
  const changes = planned.changes.filter(({ ref }) => !spared.has(identityOf(ref)));
  return {
    ...planned,
    createsNamespace: planned.createsNamespace && !provisions.hasNamespace(desired.namespace),
    changes: [
      ...changes.filter(({ set }) => set !== undefined),
      ...deferred,
      ...changes.filter(({ set }) => set === undefined),
    ],
  };
}

/** All instances that are applied before an instance because it needs them. */
function ancestors(name: string, { all, graph }: PlanSurroundings): RenderedMember[] {
  const found = new Set<string>();
  const left = [name];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const { to } of graph.get(next) ?? []) {
      if (!found.has(to)) left.push(to);
      found.add(to);
    }
  }
  return all.filter(({ member }) => found.has(member.name));
}

/** What instances bring that others need: kinds and namespaces. */
class Provisions {
  readonly #client: KubeClient;
  readonly #options: PlanOptions;
  readonly #kinds = new Map<string, { readonly from: string; readonly namespaced: boolean }>();
  /** The instance that each namespace comes with. */
  readonly #namespaces = new Map<string, string>();
  readonly #found = new Map<string, Promise<boolean | undefined>>();

  constructor(client: KubeClient, instances: readonly RenderedMember[], options: PlanOptions) {
    this.#client = client;
    this.#options = options;
    for (const { prepared } of instances) {
      const { name: from, namespace, sets } = prepared.desired;
      this.#namespaces.set(namespace, from);
      for (const { view } of sets.flatMap(({ objects }) => objects)) {
        if (isNamespace(view)) this.#namespaces.set(view.metadata.name, from);
        const kind = definedKind(view);
        if (kind !== undefined) this.#kinds.set(kind, { from, namespaced: isNamespaced(view) });
      }
    }
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.has(name);
  }

  /** The creation of an object that the server cannot be asked about yet. */
  async defer(view: KubeObjectView, home: string): Promise<Change | undefined> {
    const { apiVersion, kind, metadata } = view;
    const definition = this.#kinds.get(`${groupOf(apiVersion)}/${kind}`);
    const reason =
      (definition !== undefined && !(await this.#isServed(view))
        ? `kind ${kind} comes with instance ${definition.from}`
        : undefined) ?? (await this.#awaitsNamespace(metadata.namespace, home));
    if (reason === undefined) return undefined;
    const namespace = definition?.namespaced === false ? undefined : (metadata.namespace ?? home);
    const ref = { apiVersion, kind, namespace, name: metadata.name };
    return { ref, action: "created", reason, fields: [] };
  }

  async #isServed({ apiVersion, kind }: KubeObjectView): Promise<boolean> {
    const { signal } = this.#options;
    return (await this.#client.discovery.find(apiVersion, kind, { signal })) !== undefined;
  }

  async #awaitsNamespace(name: string | undefined, home: string): Promise<string | undefined> {
    // That its own namespace may be missing is what the plan of the instance knows.
    if (name === undefined || name === home) return undefined;
    const from = this.#namespaces.get(name);
    if (from === undefined) return undefined;
    const { signal } = this.#options;
    const found = this.#found.get(name) ?? hasNamespace(this.#client, name, { signal });
    this.#found.set(name, found);
    // Who may not look learns it from the objects.
    return (await found) === false ? `namespace ${name} comes with instance ${from}` : undefined;
  }
}

function isNamespaced(definition: KubeObjectView): boolean {
  return (definition["spec"] as { readonly scope?: string }).scope !== "Cluster";
}
