export type { ModuleRequest } from "./open-module.ts";
export { openModule } from "./open-module.ts";
export type { ValuesRequest } from "./read-values.ts";
export { readValues } from "./read-values.ts";
export type { RegistryContext } from "./open-registry.ts";
export type { VerifiedModule } from "./verified-module.ts";
