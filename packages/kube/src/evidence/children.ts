import { type KubeObjectView, groupOf } from "@tenon/core";

import type { ApiResource } from "../client/api-resource.ts";
import { isTerminating, uidOf } from "../live-object.ts";
import { statusOf } from "../status-of.ts";
import type { EvidenceReader } from "./evidence-reader.ts";
import { containersOf, isWell, podStatusOf } from "./pod.ts";
import { claimResource, jobResource, podResource, replicaSetResource } from "./resources.ts";
import { selectorOf } from "./selector.ts";

/** The objects below one that are not as they should be, the worst first. */
export async function failingChildren(
  reader: EvidenceReader,
  view: KubeObjectView,
): Promise<readonly KubeObjectView[]> {
  switch (`${groupOf(view.apiVersion)}/${view.kind}`) {
    case "apps/Deployment":
      return failingReplicaSet(reader, view);
    case "apps/ReplicaSet":
    case "apps/StatefulSet":
    case "apps/DaemonSet":
    case "batch/Job":
      return failingPods(await owned(reader, podResource, view));
    case "batch/CronJob":
      return failingOf(reader, (await owned(reader, jobResource, view)) ?? []);
    case "/Pod":
      return pendingClaims(reader, view);
    default:
      return [];
  }
}

/** The pods of the newest ReplicaSet count: those before it are on their way out. */
async function failingReplicaSet(
  reader: EvidenceReader,
  view: KubeObjectView,
): Promise<readonly KubeObjectView[]> {
  const sets = await owned(reader, replicaSetResource, view);
  if (sets === undefined) {
    // Who may not see them can see the pods all the same.
    const pods = await selected(reader, podResource, view);
    return failingPods(pods?.filter((pod) => ownerKinds(pod).includes("ReplicaSet")));
  }
  const newest = newestReplicaSet(sets);
  return newest === undefined ? [] : failingOf(reader, [newest]);
}

/** The ReplicaSet of the latest revision that is to have pods. */
export function newestReplicaSet(sets: readonly KubeObjectView[]): KubeObjectView | undefined {
  return sets
    .filter((set) => (set["spec"] as { replicas?: number } | undefined)?.replicas !== 0)
    .toSorted((a, b) => revisionOf(b) - revisionOf(a))[0];
}

function revisionOf({ metadata }: KubeObjectView): number {
  return Number(metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}

function failingOf(reader: EvidenceReader, views: readonly KubeObjectView[]): KubeObjectView[] {
  return views.filter((view) => statusOf(view, reader.now()).status !== "Current");
}

function failingPods(pods: readonly KubeObjectView[] | undefined): KubeObjectView[] {
  return (pods ?? [])
    .filter((pod) => !isWell(pod) && !isTerminating(pod))
    .toSorted((a, b) => severity(b) - severity(a));
}

function severity(pod: KubeObjectView): number {
  const restarts = containersOf(pod).map(({ restartCount = 0 }) => restartCount);
  return (podStatusOf(pod).phase === "Failed" ? 1000 : 0) + Math.max(0, ...restarts);
}

async function pendingClaims(
  reader: EvidenceReader,
  pod: KubeObjectView,
): Promise<readonly KubeObjectView[]> {
  const { namespace } = pod.metadata;
  const spec = pod["spec"] as { readonly nodeName?: string; readonly volumes?: readonly Volume[] };
  if (spec.nodeName !== undefined) return [];
  const claims = (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return [persistentVolumeClaim.claimName];
    return ephemeral === undefined ? [] : [`${pod.metadata.name}-${name}`];
  });
  const views = await Promise.all(
    claims.map((name) =>
      reader.get(claimResource, { apiVersion: "v1", kind: claimResource.kind, namespace, name }),
    ),
  );
  return failingOf(
    reader,
    views.filter((view) => view !== undefined),
  );
}

interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly ephemeral?: object;
}

async function owned(
  reader: EvidenceReader,
  resource: ApiResource,
  owner: KubeObjectView,
): Promise<KubeObjectView[] | undefined> {
  const uid = uidOf(owner);
  const found = await selected(reader, resource, owner);
  return found?.filter((view) => ownersOf(view).some((reference) => reference.uid === uid));
}

async function selected(
  reader: EvidenceReader,
  resource: ApiResource,
  owner: KubeObjectView,
): Promise<KubeObjectView[] | undefined> {
  const { namespace } = owner.metadata;
  if (namespace === undefined) return [];
  return reader.list(resource, { namespace, labelSelector: selectorOf(owner) });
}

function ownerKinds(view: KubeObjectView): string[] {
  return ownersOf(view).map(({ kind }) => kind);
}

/** The owner references of an object. */
export function ownersOf({ metadata }: KubeObjectView): readonly { uid: string; kind: string }[] {
  return (metadata["ownerReferences"] ?? []) as readonly { uid: string; kind: string }[];
}
