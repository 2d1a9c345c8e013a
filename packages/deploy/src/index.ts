export type { ApplyReport, ApplyRequest, ClusterRequest, InstanceRequest } from "./apply/index.ts";
export {
  applyInstance,
  deleteInstance,
  inspectInstance,
  instanceStatus,
  listInstances,
} from "./apply/index.ts";
export type { DeployContext, DeployEvent } from "./context.ts";
export type { DeployErrorCode } from "./errors.ts";
export { DeployError } from "./errors.ts";
export type {
  ModuleVersion,
  PublishedModule,
  PublishRequest,
  PulledModule,
} from "./publish/index.ts";
export { listModuleVersions, publishModule, pullModule } from "./publish/index.ts";
export type { BuildRequest, RenderedInstance, VetReport, VetRequest } from "./render/index.ts";
export { buildInstance, checkInstanceName, vetModule } from "./render/index.ts";
export type { ModuleRequest, VerifiedModule } from "./source/index.ts";
export { openModule, readValueFiles } from "./source/index.ts";
