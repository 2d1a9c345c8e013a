import {
  type KubeObject,
  type KubeObjectView,
  type ObjectRef,
  deleteMember,
  formatRef,
  groupOf,
  identityOf,
  kubeObject,
  refOf,
  setMember,
  versionOf,
} from "@tenon/core";

import { type ApiResource, apiVersionOf } from "./client/api-resource.ts";
import type { KubeClient } from "./client/kube-client.ts";
import type { CallOptions } from "./client/objects.ts";
import type { DesiredInstance } from "./desired.ts";
import { KubeError } from "./errors.ts";
import { actionPrefix, ownerLabels } from "./identity.ts";

/** An object as it will be sent: labelled, in the right namespace, with its place on the server. */
export interface PreparedObject {
  readonly set: string;
  readonly ref: ObjectRef;
  readonly json: string;
  readonly view: KubeObjectView;
  /** Where it goes. For a kind of the same render this may not be served yet. */
  readonly resource: ApiResource;
  /** Its kind is defined by a CustomResourceDefinition of the same instance. */
  readonly definedHere: boolean;
}

/** The objects of one resource set, ready to be applied. */
export interface PreparedSet {
  readonly name: string;
  readonly objects: readonly PreparedObject[];
}

/**
 * Resolves the scope of every object, puts it in its namespace and adds the owner labels.
 * The JSON text is edited in place: nothing else of it changes.
 *
 * @throws KubeError `KUBE_KIND_UNKNOWN` `KUBE_INVALID`
 */
export async function prepareSets(
  client: KubeClient,
  desired: DesiredInstance,
  options: CallOptions = {},
): Promise<PreparedSet[]> {
  const definitions = definedResources(desired);
  await knowDefinitions(client, definitions, options);
  const sets: PreparedSet[] = [];
  for (const { name, objects } of desired.sets) {
    const prepared: PreparedObject[] = [];
    for (const object of objects) {
      const { apiVersion, kind } = object.view;
      const own = definitions.get(`${apiVersion}|${kind}`);
      const resource = own ?? (await client.discovery.get(apiVersion, kind, options));
      const sent = prepare(object, resource, desired);
      const ref = refOf(sent);
      prepared.push({ set: name, ref, ...sent, resource, definedHere: own !== undefined });
    }
    sets.push({ name, objects: prepared });
  }
  rejectDuplicates(sets);
  return sets;
}

/** An action that a module author asked for on an object, as annotation or as label. */
export function hasAction(
  view: KubeObjectView,
  action: "force" | "one-off" | "prune" | "wait",
  value: "enabled" | "disabled",
): boolean {
  const { annotations, labels } = view.metadata;
  const key = actionPrefix + action;
  return [annotations?.[key], labels?.[key]].some((text) => text?.toLowerCase() === value);
}

function prepare(object: KubeObject, resource: ApiResource, desired: DesiredInstance): KubeObject {
  let { json } = object;
  const { namespace } = object.view.metadata;
  if (!resource.namespaced) json = deleteMember(json, ["metadata", "namespace"]);
  else if (!namespace)
    json = setMember(json, ["metadata", "namespace"], JSON.stringify(desired.namespace));
  for (const [label, value] of Object.entries(ownerLabels(desired.name, desired.namespace))) {
    json = setMember(json, ["metadata", "labels", label], JSON.stringify(value));
  }
  json = deleteMember(json, ["status"]);
  json = deleteMember(json, ["metadata", "creationTimestamp"]);
  if (object.view.kind === "Secret") json = withoutStringData(json, object.view);
  if (object.view.kind === "CustomResourceDefinition")
    json = withoutBrokenCaBundle(json, object.view);
  return kubeObject(json);
}

/** The server copies stringData into data but lets nobody own the copies: a removed key would stay. */
function withoutStringData(json: string, view: KubeObjectView): string {
  const stringData = view["stringData"] as Readonly<Record<string, unknown>> | undefined;
  if (stringData === undefined || stringData === null) return json;
  let text = deleteMember(json, ["stringData"]);
  for (const [key, value] of Object.entries(stringData)) {
    const encoded = Buffer.from(String(value), "utf8").toString("base64");
    text = setMember(text, ["data", key], JSON.stringify(encoded));
  }
  return text;
}

/** cert-manager and the like ship a placeholder that the server would refuse. */
function withoutBrokenCaBundle(json: string, view: KubeObjectView): string {
  const path = ["spec", "conversion", "webhook", "clientConfig", "caBundle"];
  let value: unknown = view;
  for (const key of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  if (typeof value !== "string") return json;
  const pem = Buffer.from(value, "base64").toString("utf8");
  return pem.includes("-----BEGIN CERTIFICATE-----") ? json : deleteMember(json, path);
}

/** The kinds that the CustomResourceDefinitions of the same render define. */
export function definedResources(desired: DesiredInstance): Map<string, ApiResource> {
  const resources = new Map<string, ApiResource>();
  const all = desired.sets.flatMap((set) => set.objects);
  for (const { view } of all) {
    if (view.kind !== "CustomResourceDefinition") continue;
    if (groupOf(view.apiVersion) !== "apiextensions.k8s.io") continue;
    const spec = view["spec"] as DefinitionSpec;
    for (const { name: version, served } of spec.versions ?? []) {
      if (served === false) continue;
      const { kind, plural } = spec.names;
      const namespaced = spec.scope === "Namespaced";
      const resource = { group: spec.group, version, kind, plural, namespaced, verbs: [] };
      resources.set(`${spec.group}/${version}|${kind}`, resource);
    }
  }
  return resources;
}

/** Discovery may be older than definitions that an earlier run has installed. */
async function knowDefinitions(
  { discovery }: KubeClient,
  definitions: ReadonlyMap<string, ApiResource>,
  options: CallOptions,
): Promise<void> {
  for (const resource of definitions.values()) {
    const known = await discovery.known(apiVersionOf(resource), resource.kind, options);
    if (known !== undefined) continue;
    await discovery.refresh(options);
    return;
  }
}

interface DefinitionSpec {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions?: readonly { readonly name: string; readonly served?: boolean }[];
}

function rejectDuplicates(sets: readonly PreparedSet[]): void {
  const seen = new Map<string, PreparedObject>();
  for (const object of sets.flatMap((set) => set.objects)) {
    const id = identityOf(object.ref);
    const other = seen.get(id);
    if (other !== undefined) {
      const versions = [other, object].map(({ ref }) => versionOf(ref.apiVersion));
      const note = versions[0] === versions[1] ? "" : ` (versions ${versions.join(" and ")})`;
      const places =
        other.set === object.set
          ? `twice in set ${object.set}`
          : `in sets ${other.set} and ${object.set}`;
      throw new KubeError(
        "KUBE_INVALID",
        `Cannot apply ${formatRef(object.ref)}: the module gives it ${places}${note}`,
      );
    }
    seen.set(id, object);
  }
}
