import type { KubeObjectView, ObjectRef } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { getObject } from "../client/objects.ts";
import { KubeError } from "../errors.ts";
import { helmReleaseAnnotations } from "../identity.ts";
import { claimOn } from "./foreign-tool.ts";
import type { Foreign, ForeignRequest } from "./foreign.ts";
import { readHelmRelease } from "./helm-release.ts";
import { type ForeignEntry, parseEntry } from "./inventory-id.ts";

const groups = {
  Kustomization: "kustomize.toolkit.fluxcd.io",
  HelmRelease: "helm.toolkit.fluxcd.io",
} as const;

/**
 * Finds the Kustomization or HelmRelease that has objects of ours, by their labels. It must be
 * suspended: its controller would take everything back.
 *
 * @throws KubeError `KUBE_STILL_RECONCILED` `KUBE_OWNED_BY_OTHER`
 */
export async function readFluxOwner(
  client: KubeClient,
  request: ForeignRequest & { readonly wanted?: string | undefined },
): Promise<Foreign | undefined> {
  const claims = new Set(request.live.flatMap((view) => claimOn(view, "flux") ?? []));
  const { wanted } = request;
  const matching = [...claims].filter(
    (claim) => wanted === undefined || claim.endsWith(`/${wanted}`) || claim.endsWith(` ${wanted}`),
  );
  const [claim, other] = matching;
  if (claim === undefined) return undefined;
  if (other !== undefined) throw severalOwners(matching);
  const [kind, place] = claim.split(" ") as [keyof typeof groups, string];
  const [namespace = "", name = ""] = place.split("/");
  const owner = await ownerObject(client, { kind, namespace, name, signal: request.signal });
  const helm = kind === "HelmRelease" ? await releaseOf(client, request, owner) : undefined;
  const listed = helm?.inventory ?? inventoryOf(owner);
  return {
    tool: "flux",
    title: `Flux ${kind} ${name} in ${namespace}`,
    claim,
    inventory: listed,
    records: helm?.records ?? [],
    notes:
      owner === undefined
        ? []
        : [`${kind}/${namespace}/${name} stays, suspended: delete it, and what makes it`],
  };
}

async function ownerObject(
  client: KubeClient,
  place: {
    readonly kind: keyof typeof groups;
    readonly namespace: string;
    readonly name: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<KubeObjectView | undefined> {
  const { kind, namespace, name, signal } = place;
  const resource = await client.discovery.findAnyVersion(groups[kind], kind, { signal });
  if (resource === undefined) return undefined;
  const apiVersion = `${resource.group}/${resource.version}`;
  const ref = { apiVersion, kind, namespace, name };
  const owner = await getObject(client, resource, ref, { signal });
  const spec = owner?.["spec"] as { readonly suspend?: boolean } | undefined;
  if (owner === undefined || spec?.suspend === true) return owner;
  throw new KubeError(
    "KUBE_STILL_RECONCILED",
    `Cannot adopt from ${kind} ${name} in ${namespace}: Flux reconciles it and would take everything back`,
    { hint: `flux suspend ${kind.toLowerCase()} ${name} -n ${namespace}` },
  );
}

function inventoryOf(owner: KubeObjectView | undefined): ObjectRef[] {
  const status = owner?.["status"] as
    | { readonly inventory?: { readonly entries?: readonly ForeignEntry[] } }
    | undefined;
  return (status?.inventory?.entries ?? []).flatMap((entry) => parseEntry(entry) ?? []);
}

/** The release that a HelmRelease has made: deleting the HelmRelease would uninstall it. */
async function releaseOf(
  client: KubeClient,
  request: ForeignRequest,
  owner: KubeObjectView | undefined,
): Promise<Foreign | undefined> {
  const marked = request.live.find(
    ({ metadata }) => metadata.annotations?.[helmReleaseAnnotations[0]],
  );
  const annotations = marked?.metadata.annotations ?? {};
  const [name, at] = helmReleaseAnnotations.map((key) => annotations[key]);
  if (name === undefined || at === undefined) return undefined;
  const status = owner?.["status"] as { readonly storageNamespace?: string } | undefined;
  const namespace = status?.storageNamespace ?? owner?.metadata.namespace ?? at;
  return readHelmRelease(client, { ...request, name, namespace });
}

function severalOwners(claims: readonly string[]): KubeError {
  return new KubeError(
    "KUBE_OWNED_BY_OTHER",
    `Cannot adopt from Flux: several owners have objects of the instance: ${claims.join(", ")}`,
    { hint: "Name one with --from-name" },
  );
}
