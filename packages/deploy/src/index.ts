export type { ApplyReport, ApplyRequest } from "./apply/apply-instance.ts";
export { applyInstance } from "./apply/apply-instance.ts";
export type { InstanceRequest } from "./apply/instances.ts";
export {
  deleteInstance,
  inspectInstance,
  instanceStatus,
  listInstances,
} from "./apply/instances.ts";
export type { ClusterRequest } from "./apply/open-cluster.ts";
export type { DeployContext, DeployEvent } from "./context.ts";
export type { DeployErrorCode } from "./errors.ts";
export { DeployError } from "./errors.ts";
export type { PublishedModule, PublishRequest } from "./publish/publish-module.ts";
export { publishModule } from "./publish/publish-module.ts";
export type { BuildRequest, RenderedInstance } from "./render/build-instance.ts";
export { buildInstance, checkInstanceName } from "./render/build-instance.ts";
export type { VetReport, VetRequest } from "./render/vet-module.ts";
export { vetModule } from "./render/vet-module.ts";
export type { ModuleVersion } from "./source/list-module-versions.ts";
export { listModuleVersions } from "./source/list-module-versions.ts";
export type { ModuleRequest } from "./source/open-module.ts";
export { openModule } from "./source/open-module.ts";
export type { PulledModule } from "./source/pull-module.ts";
export { pullModule } from "./source/pull-module.ts";
export { readValueFiles } from "./source/read-value-files.ts";
export type { VerifiedModule } from "./source/verified-module.ts";
