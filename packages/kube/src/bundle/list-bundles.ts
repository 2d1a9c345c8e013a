import type { KubeClient } from "../client/kube-client.ts";
import type { CallOptions } from "../client/objects.ts";
import { KubeError } from "../errors.ts";
import type { Holder } from "../record.ts";
import type { BundleRecord } from "./bundle-record.ts";
import { listBundleRecords } from "./find-bundle-record.ts";

/** A bundle as its record describes it. */
export interface BundleSummary {
  readonly record: BundleRecord;
  /** Who is changing the bundle right now. */
  readonly holder?: Holder | undefined;
  /** RFC 3339. */
  readonly createdAt?: string | undefined;
}

/** A bundle record that cannot be read, in a list that can. */
export interface BrokenBundle {
  readonly name: string;
  readonly namespace: string;
  readonly error: KubeError;
}

/** Lists bundles by name; a damaged record does not hide the others. */
export async function listBundles(
  client: KubeClient,
  options: CallOptions & {
    readonly name?: string | undefined;
    /** Where to look when the user may not look everywhere. */
    readonly namespaces?: readonly string[] | undefined;
  } = {},
): Promise<{ bundles: BundleSummary[]; broken: BrokenBundle[] }> {
  const { name, signal } = options;
  const namespaces = options.namespaces ?? [client.connection.namespace];
  const names = name === undefined ? undefined : [name];
  const bundles: BundleSummary[] = [];
  const broken: BrokenBundle[] = [];
  for (const listed of await listBundleRecords(client, { names, namespaces, signal })) {
    const { stored } = listed;
    if (stored instanceof KubeError) {
      broken.push({ name: listed.name, namespace: listed.namespace, error: stored });
    } else {
      const { record, holder, createdAt } = stored;
      bundles.push({ record, holder, createdAt });
    }
  }
  bundles.sort((a, b) => (keyOf(a.record) < keyOf(b.record) ? -1 : 1));
  broken.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { bundles, broken };
}

function keyOf({ name, cluster, namespace }: BundleRecord): string {
  return [name, cluster ?? "", namespace].join("/");
}
