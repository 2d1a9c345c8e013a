import { formatRef } from "@tenon/core";
import { type KubeClient, readObject } from "@tenon/kube";
import { type RuntimeCluster, type RuntimeQuery, evaluateQuery, isSecret } from "@tenon/schema";

import { type ClusterRequest, openCluster } from "../apply/open-cluster.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { defaultCluster } from "./bundle-event.ts";

/** A value that fields with `@timoni(runtime:TYPE:NAME)` can take. */
export interface RuntimeValue {
  readonly value: string;
  /** It comes from a Secret: not for terminals and logs. */
  readonly secret: boolean;
}

/** Where the values of a runtime come from. */
export interface RuntimeValuesRequest {
  readonly queries: readonly RuntimeQuery[];
  readonly kube?: ClusterRequest["cluster"];
}

/**
 * Reads the values that a runtime takes from a cluster, in the order of the queries. A cluster is
 * asked only where there are queries.
 *
 * @returns the values by name, with the name and group of the cluster where it has one
 * @throws SchemaError `SCHEMA_RUNTIME_INVALID` for expressions that fail
 * @throws DeployError `DEPLOY_RUNTIME_OBJECT_MISSING`
 * @throws KubeError when the cluster cannot be asked
 */
export async function readRuntimeValues(
  context: DeployContext,
  cluster: RuntimeCluster,
  request: RuntimeValuesRequest,
): Promise<ReadonlyMap<string, RuntimeValue>> {
  const found = new Map<string, RuntimeValue>();
  if (request.queries.length > 0) {
    const { kubeContext } = cluster;
    const access = { ...request.kube, ...(kubeContext !== undefined && { context: kubeContext }) };
    await using client = await openCluster(context, { cluster: access });
    const read = await Promise.all(
      request.queries.map((query) => readQuery(context, { client, cluster, query })),
    );
    for (const [name, value] of read.flat()) found.set(name, value);
  }
  if (cluster.name !== defaultCluster) {
    found.set("TIMONI_CLUSTER_NAME", { value: cluster.name, secret: false });
    found.set("TIMONI_CLUSTER_GROUP", { value: cluster.group, secret: false });
  }
  return found;
}

async function readQuery(
  { engine, signal }: DeployContext,
  {
    client,
    cluster,
    query,
  }: {
    readonly client: KubeClient;
    readonly cluster: RuntimeCluster;
    readonly query: RuntimeQuery;
  },
): Promise<(readonly [name: string, value: RuntimeValue])[]> {
  const { ref, optional, position } = query;
  const object = await readObject(client, ref, { signal });
  if (object === undefined) {
    if (optional) return [];
    const where = cluster.name === defaultCluster ? "" : ` on cluster ${cluster.name}`;
    throw new DeployError(
      "DEPLOY_RUNTIME_OBJECT_MISSING",
      `Cannot read values from ${formatRef(ref)}${where}: it does not exist`,
      {
        diagnostics: [
          {
            text: "the object does not exist",
            positions: position === undefined ? [] : [position],
          },
        ],
        hint: "Create it, or go on without its values with optional: true beside the query",
      },
    );
  }
  const values = await evaluateQuery(engine, query, object, { signal });
  const secret = isSecret(query);
  return Object.entries(values).map(([name, value]) => [name, { value, secret }]);
}
