import type { KubeClient } from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { checkInstanceName } from "../render/build-instance.ts";
import { openModule } from "../source/open-module.ts";
import type { ApplyReport, ApplyRequest } from "./apply-instance.ts";
import { openCluster } from "./open-cluster.ts";
import { type PreparedInstance, prepareInstance } from "./prepare-instance.ts";

/** Opens a cluster and a module, and renders the instance for this cluster. */
export async function withPrepared<Report>(
  context: DeployContext,
  request: ApplyRequest,
  work: (client: KubeClient, prepared: PreparedInstance) => Promise<Report>,
): Promise<Report & Omit<ApplyReport, "changeSet">> {
  checkInstanceName(request.name);
  const [module, client] = await Promise.all([
    openModule(context, request.module),
    openCluster(context, request),
  ]);
  await using _ = client;
  const { gitVersion } = await client.version({ signal: context.signal });
  const prepared = await prepareInstance(context, {
    module,
    name: request.name,
    namespace: request.namespace ?? client.connection.namespace,
    values: request.values,
    package: request.package,
    kubeVersion: gitVersion.replace(/^v/, ""),
  });
  const done = await work(client, prepared);
  const { name, repository, version, digest } = module;
  const { images, warnings } = prepared.rendered;
  return {
    ...done,
    module: { name, repository, version, digest },
    dryRun: request.dryRun === true,
    images,
    warnings,
  };
}
