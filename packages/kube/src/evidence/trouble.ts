import { type KubeObjectView, groupOf } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { type CallOptions, listObjects } from "../client/objects.ts";
import { isTerminating, uidOf } from "../live-object.ts";
import { conditionsOf } from "../object-status.ts";
import { newestReplicaSet, ownersOf } from "./children.ts";
import { containersOf, isWell, waitsFor } from "./pod.ts";
import { podResource, replicaSetResource } from "./resources.ts";
import { selectorOf } from "./selector.ts";

/** Something that keeps the pods of an object from running. */
export interface Trouble {
  /**
   * `image`: it cannot be pulled; `spec`: what the pod asks for makes no sense; `config`: it needs a
   * ConfigMap or Secret that is not there; `create`: pods may not be created; `crash`: it ends again
   * and again.
   */
  readonly kind: "image" | "spec" | "config" | "create" | "crash";
  readonly message: string;
  /** How often the containers in trouble have been restarted. */
  readonly restarts: number;
}

const kinds: Readonly<Record<string, Trouble["kind"]>> = {
  InvalidImageName: "spec",
  ErrImagePull: "image",
  ImagePullBackOff: "image",
  ErrImageNeverPull: "image",
  CreateContainerConfigError: "config",
  CrashLoopBackOff: "crash",
};

/**
 * The trouble that all pods of an object have, of its latest template. There is none while one of
 * them is well: then it is not what the object asks for that is wrong.
 */
export async function findTrouble(
  client: KubeClient,
  view: KubeObjectView,
  options: CallOptions,
): Promise<Trouble | undefined> {
  const refused = conditionsOf(view).find(({ type }) => type === "ReplicaFailure");
  if (refused?.status === "True") {
    return { kind: "create", message: refused.message ?? "pods cannot be created", restarts: 0 };
  }
  const pods = await latestPods(client, view, options);
  if (pods.some(isWell)) return undefined;
  const waiting = pods.filter((pod) => !isTerminating(pod));
  const troubles = waiting.map(troubleOf);
  return troubles.includes(undefined) ? undefined : troubles[0];
}

function troubleOf(pod: KubeObjectView): Trouble | undefined {
  for (const container of containersOf(pod)) {
    const reason = waitsFor(container) ?? "";
    const kind = kinds[reason];
    if (kind === undefined) continue;
    const said = kind === "crash" ? undefined : container.state?.waiting?.message;
    const where = `Pod/${pod.metadata.name}: container ${container.name} ${reason}`;
    const message = said === undefined ? where : `${where}: ${said}`;
    return { kind, message, restarts: container.restartCount ?? 0 };
  }
  return undefined;
}

async function latestPods(
  client: KubeClient,
  view: KubeObjectView,
  options: CallOptions,
): Promise<readonly KubeObjectView[]> {
  switch (`${groupOf(view.apiVersion)}/${view.kind}`) {
    case "/Pod":
      return [view];
    case "apps/Deployment": {
      const pods = await list(client, podResource, view, options);
      // Most look well: only then is it worth asking which of them are the latest.
      if (pods.every((pod) => troubleOf(pod) === undefined)) return pods.filter(isWell);
      const sets = await list(client, replicaSetResource, view, options);
      const newest = newestReplicaSet(sets.filter((set) => isOwnedBy(set, view)));
      return newest === undefined ? [] : pods.filter((pod) => isOwnedBy(pod, newest));
    }
    case "apps/StatefulSet": {
      const { updateRevision } = (view["status"] ?? {}) as { readonly updateRevision?: string };
      return labelled(await own(client, view, options), "controller-revision-hash", updateRevision);
    }
    case "apps/DaemonSet": {
      const generation = view.metadata.annotations?.["deprecated.daemonset.template.generation"];
      return labelled(await own(client, view, options), "pod-template-generation", generation);
    }
    case "apps/ReplicaSet":
    case "batch/Job":
      return own(client, view, options);
    default:
      return [];
  }
}

function labelled(
  pods: readonly KubeObjectView[],
  label: string,
  value: string | undefined,
): readonly KubeObjectView[] {
  return value === undefined
    ? pods
    : pods.filter(({ metadata }) => metadata.labels?.[label] === value);
}

async function own(
  client: KubeClient,
  view: KubeObjectView,
  options: CallOptions,
): Promise<KubeObjectView[]> {
  const pods = await list(client, podResource, view, options);
  return pods.filter((pod) => isOwnedBy(pod, view));
}

function isOwnedBy(view: KubeObjectView, owner: KubeObjectView): boolean {
  return ownersOf(view).some(({ uid }) => uid === uidOf(owner));
}

async function list(
  client: KubeClient,
  resource: typeof podResource,
  view: KubeObjectView,
  options: CallOptions,
): Promise<KubeObjectView[]> {
  const { namespace } = view.metadata;
  const labelSelector = selectorOf(view);
  if (namespace === undefined || labelSelector === undefined) return [];
  return listObjects(client, resource, { namespace, labelSelector, ...options });
}
