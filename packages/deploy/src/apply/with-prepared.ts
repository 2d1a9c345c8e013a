import type { KubeClient } from "@tenon/kube";

import type { DeployContext } from "../context.ts";
import { checkInstanceName } from "../render/build-request.ts";
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
  // The module comes while the kubeconfig is read; whichever fails, the client is closed.
  const opening = openModule(context, request.module);
  opening.catch(() => {});
  await using client = await openCluster(context, request);
  const module = await opening;
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
  const { name, repository, version, digest, mirror } = module;
  const { images, rewrittenImages, warnings } = prepared.rendered;
  return {
    ...done,
    module: { name, repository, version, digest, mirror },
    dryRun: request.dryRun === true,
    images,
    rewrittenImages,
    warnings,
  };
}
