import {
  type BundleMember,
  type BundleSession,
  type DesiredInstance,
  type KubeClient,
  type SharedReads,
  checkOwnership,
  openBundleRecord,
  shareReads,
} from "@tenon/kube";

import { type ClusterRequest, openCluster } from "../apply/open-cluster.ts";
import type { PreparedInstance } from "../apply/prepare-instance.ts";
import type { DeployContext } from "../context.ts";
import { type InstancePlace, defaultCluster } from "./bundle-event.ts";
import type { BundleRenderer } from "./bundle-renderer.ts";
import { type InstanceGraph, instanceGraph, isNamespace } from "./graph.ts";
import type { OpenedBundle } from "./open-bundle.ts";
import { rejectUnsafePrune } from "./prune-safety.ts";
import { type WavePlan, checkWaveOrder } from "./waves.ts";

/** What the clusters of one run share. */
export interface BundleRun {
  readonly context: DeployContext;
  readonly renderer: BundleRenderer;
  readonly waves: WavePlan;
  readonly kube?: ClusterRequest["cluster"];
  readonly overwriteOwnership?: boolean | undefined;
  /** Instances that have left the bundle are to be deleted. */
  readonly prune: boolean;
}

/** An instance of the bundle, rendered for the cluster. */
export interface RenderedMember {
  readonly prepared: PreparedInstance;
  readonly member: BundleMember;
}

/** A bundle as it was found on a cluster, before anything was written. */
export interface CheckedBundle {
  readonly session: BundleSession;
  readonly reads: SharedReads;
  /** Instances that have left the bundle. */
  readonly stale: readonly BundleMember[];
}

/** One cluster of a run: each step is taken once, whoever asks for it first. */
export class BundleCluster {
  readonly opened: OpenedBundle;
  readonly #run: BundleRun;
  #client: KubeClient | undefined;
  #connected: Promise<string> | undefined;
  #rendered: Promise<readonly RenderedMember[]> | undefined;
  #checked: Promise<CheckedBundle> | undefined;
  #graph: InstanceGraph | undefined;

  constructor(opened: OpenedBundle, run: BundleRun) {
    this.opened = opened;
    this.#run = run;
  }

  get name(): string {
    return this.opened.cluster.name;
  }

  get context(): DeployContext {
    return this.#run.context;
  }

  /** Where things happen, for events. */
  placeOf(instance: string): InstancePlace {
    return { bundle: this.opened.bundle.name, cluster: this.name, instance };
  }

  /** The client, once {@link BundleCluster.connect} has made it. */
  get client(): KubeClient {
    if (this.#client === undefined) throw new Error(`Not connected to ${this.name}`);
    return this.#client;
  }

  /** What depends on what, once {@link BundleCluster.render} has found out. */
  get graph(): InstanceGraph {
    return this.#graph ?? new Map();
  }

  /** Connects, and tells the version of the server. */
  connect(): Promise<string> {
    return (this.#connected ??= this.#connect());
  }

  /** Renders all instances and puts them in order. */
  render(): Promise<readonly RenderedMember[]> {
    return (this.#rendered ??= this.#render());
  }

  /** Reads the record of the bundle, and makes sure that all its instances are ours to change. */
  check(): Promise<CheckedBundle> {
    return (this.#checked ??= this.#check());
  }

  async #connect(): Promise<string> {
    const { context, kube } = this.#run;
    const { kubeContext } = this.opened.cluster;
    const cluster = { ...kube, ...(kubeContext !== undefined && { context: kubeContext }) };
    this.#client = await openCluster(context, { cluster });
    const { gitVersion } = await this.#client.version({ signal: context.signal });
    return gitVersion.replace(/^v/, "");
  }

  async #render(): Promise<readonly RenderedMember[]> {
    const version = await this.connect();
    const { bundle } = this.opened;
    const { renderer, waves } = this.#run;
    const all = await renderer.render(this.opened, version);
    const instances = bundle.instances.map(({ name, namespace, dependsOn, position }, index) => {
      const { sets } = all[index]!.desired;
      return { name, namespace, dependsOn, position, sets };
    });
    this.#graph = instanceGraph(bundle.name, instances);
    checkWaveOrder(bundle.name, this.#graph, { cluster: this.name, plan: waves });
    return all.map((prepared) => {
      const { name, namespace } = prepared.desired;
      const dependsOn = this.#graph!.get(name)!.map(({ to }) => to);
      return { prepared, member: { name, namespace, dependsOn } };
    });
  }

  async #check(): Promise<CheckedBundle> {
    const rendered = await this.render();
    const { client, opened, name } = this;
    const { context, overwriteOwnership, prune } = this.#run;
    const { signal, onEvent } = context;
    const reads = shareReads(
      client,
      rendered.map(({ member }) => member),
    );
    const desired = rendered.map(({ prepared }) => prepared.desired);
    const [session] = await Promise.all([
      openBundleRecord(client, {
        bundle: opened.bundle.name,
        cluster: clusterOfRecord(name),
        namespaces: homesOf(desired),
        signal,
        onEvent,
      }),
      checkOwnership(client, desired, { reads, overwriteOwnership, signal }),
    ]);
    const stale = session.members.filter(
      (old) => !desired.some((now) => now.name === old.name && now.namespace === old.namespace),
    );
    if (prune) {
      await rejectUnsafePrune(client, { bundle: opened.bundle.name, stale, desired }, { signal });
    }
    return { session, reads, stale };
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#connected?.catch(() => {});
    await this.#client?.close();
  }
}

/** The namespaces of the instances; those that are deleted with an instance come last. */
function homesOf(desired: readonly DesiredInstance[]): string[] {
  const views = desired.flatMap(({ sets }) => sets.flatMap(({ objects }) => objects));
  const owned = new Set(
    views.filter(({ view }) => isNamespace(view)).map(({ view }) => view.metadata.name),
  );
  const homes = desired.map(({ namespace }) => namespace);
  return [
    ...homes.filter((namespace) => !owned.has(namespace)),
    ...homes.filter((namespace) => owned.has(namespace)),
  ];
}

/** The cluster as the record of a bundle names it. */
export function clusterOfRecord(name: string): string | undefined {
  return name === defaultCluster ? undefined : name;
}
