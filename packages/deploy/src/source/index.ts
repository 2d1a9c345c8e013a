export type { ModuleRequest } from "./open-module.ts";
export { openModule } from "./open-module.ts";
export { readValueFiles } from "./read-value-files.ts";
export type { VerifiedModule } from "./verified-module.ts";
