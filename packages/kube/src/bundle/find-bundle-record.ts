import { mapBounded } from "../bounded.ts";
import type { KubeClient } from "../client/kube-client.ts";
import type { CallOptions } from "../client/objects.ts";
import { KubeError, isKubeError } from "../errors.ts";
import type { Stored } from "../record-secret.ts";
import { type ListedRecord, bundleRecords } from "../record-store.ts";
import type { BundleRecord } from "./bundle-record.ts";

/** Which bundle, and where its record may stand when the user may not look everywhere. */
export interface FindBundleRequest extends CallOptions {
  readonly bundle: string;
  /** The cluster as the runtime names it. */
  readonly cluster?: string | undefined;
  readonly namespaces: readonly string[];
}

/**
 * Finds the record of a bundle in whatever namespace it stands.
 *
 * @throws KubeError `KUBE_RECORD_INVALID`
 */
export async function findBundleRecord(
  client: KubeClient,
  request: FindBundleRequest,
): Promise<Stored<BundleRecord> | undefined> {
  const { bundle, cluster, namespaces, signal } = request;
  const listed = await listBundleRecords(client, { names: [bundle], namespaces, signal });
  const records = listed.map(({ stored }) => {
    if (stored instanceof KubeError) throw stored;
    return stored;
  });
  const own = records.filter(({ record }) => record.name === bundle && record.cluster === cluster);
  // The oldest is the one that others have found before.
  return own.sort((a, b) => (a.createdAt ?? "").localeCompare(b.createdAt ?? ""))[0];
}

/** Lists the records of bundles: everywhere, or where the user may. */
export async function listBundleRecords(
  client: KubeClient,
  options: CallOptions & {
    readonly names?: readonly string[] | undefined;
    readonly namespaces: readonly string[];
  },
): Promise<ListedRecord<BundleRecord>[]> {
  const { namespaces, ...rest } = options;
  try {
    return await bundleRecords.list(client, rest);
  } catch (error) {
    if (!isKubeError(error, "KUBE_FORBIDDEN")) throw error;
  }
  const lists = await mapBounded([...new Set(namespaces)], (namespace) =>
    bundleRecords.list(client, { ...rest, namespace }),
  );
  return lists.flat();
}
