import { promisify } from "node:util";
import { gunzip } from "node:zlib";

import { type ObjectRef, identityOf } from "@tenon/core";

import type { KubeClient } from "../client/kube-client.ts";
import { listObjects } from "../client/objects.ts";
import { helmReleaseType } from "../identity.ts";
import { type SecretView, secrets } from "../record-secret.ts";
import { invalidRecord } from "../record.ts";
import { type Foreign, type ForeignRequest, placeRefs } from "./foreign.ts";

const unzip = promisify(gunzip);

interface Revision {
  readonly secret: SecretView;
  readonly version: number;
  readonly status: string;
}

/**
 * Reads a Helm release: what its deployed revision has, and what a later one that did not get that
 * far may have made.
 *
 * @throws KubeError `KUBE_RECORD_INVALID`
 */
export async function readHelmRelease(
  client: KubeClient,
  request: ForeignRequest,
): Promise<Foreign | undefined> {
  const { name, namespace } = request;
  const revisions = await revisionsOf(client, request);
  const latest = revisions.at(-1);
  if (latest === undefined) return undefined;
  const deployed = revisions.filter(({ status }) => status === "deployed").at(-1);
  const relevant = [...new Set([deployed, latest])].filter((found) => found !== undefined);
  const refs: ObjectRef[] = [];
  for (const revision of relevant) {
    if (revision.status !== "uninstalled") refs.push(...(await objectsOf(revision, request)));
  }
  const placed = await placeRefs(client, refs, request);
  const inventory = new Map(placed.map((ref) => [identityOf(ref), ref]));
  // The one that tells what there is goes last: a run that is killed finds it again.
  const order = [...revisions.filter((revision) => revision !== deployed), deployed ?? latest];
  return {
    tool: "helm",
    title: `Helm release ${name} in ${namespace} (revision ${(deployed ?? latest).version})`,
    claim: `${namespace}/${name}`,
    inventory: [...inventory.values()],
    records: [...new Set(order)].map(({ secret }) => ({
      apiVersion: "v1",
      kind: "Secret",
      namespace,
      name: secret.metadata.name,
    })),
    notes: [
      `the history of the release goes; to keep a copy: kubectl get secrets -n ${namespace} -l owner=helm,name=${name} -o yaml`,
    ],
  };
}

async function revisionsOf(client: KubeClient, request: ForeignRequest): Promise<Revision[]> {
  const { name, namespace, signal } = request;
  const labelSelector = `owner=helm,name=${name}`;
  const found = await listObjects(client, secrets, { namespace, labelSelector, signal });
  return (found as unknown as SecretView[])
    .filter(({ type }) => type === helmReleaseType)
    .map((secret) => ({
      secret,
      version: Number(secret.metadata.labels?.["version"] ?? 0),
      status: secret.metadata.labels?.["status"] ?? "",
    }))
    .toSorted((a, b) => a.version - b.version);
}

async function objectsOf({ secret }: Revision, request: ForeignRequest): Promise<ObjectRef[]> {
  const where = `secret/${secret.metadata.name} -n ${request.namespace}`;
  try {
    const manifest = await manifestOf(secret);
    return request.parseYaml(manifest).flatMap((document) => refsIn(document));
  } catch (cause) {
    throw invalidRecord(where, "it is no release of Helm", cause);
  }
}

/** Base64 as Secrets are, and base64 of its own around gzip. */
async function manifestOf({ data }: SecretView): Promise<string> {
  const inner = Buffer.from(data?.["release"] ?? "", "base64").toString("utf8");
  const packed = Buffer.from(inner, "base64");
  const zipped = packed[0] === 0x1f && packed[1] === 0x8b;
  const json = (zipped ? await unzip(packed) : packed).toString("utf8");
  return (JSON.parse(json) as { readonly manifest?: string }).manifest ?? "";
}

function refsIn(document: unknown): ObjectRef[] {
  if (typeof document !== "object" || document === null) return [];
  const { apiVersion, kind, metadata, items } = document as ManifestObject;
  if (kind?.endsWith("List") && Array.isArray(items)) return items.flatMap(refsIn);
  const { name, namespace } = metadata ?? {};
  if (!apiVersion || !kind || (typeof name !== "string" && typeof name !== "number")) return [];
  return [{ apiVersion, kind, namespace, name: `${name}` }];
}

interface ManifestObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: string };
  readonly items?: unknown;
}
