export type { ModuleTypes, ModuleTypesRequest } from "./module-types.ts";
export { moduleTypes } from "./module-types.ts";
