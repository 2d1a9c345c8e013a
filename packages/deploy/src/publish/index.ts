export type { BuildModuleRequest, BuiltModuleFile } from "./build-module.ts";
export { buildModule } from "./build-module.ts";
export type { Compatibility } from "./check-compatible.ts";
export type { ModuleVersion } from "./list-module-versions.ts";
export { listModuleVersions } from "./list-module-versions.ts";
export type { PublishedModule, PublishRequest } from "./publish-module.ts";
export { publishModule } from "./publish-module.ts";
export type { PulledModule } from "./pull-module.ts";
export { pullModule } from "./pull-module.ts";
