export type { BuildRequest, RenderedInstance } from "./build-instance.ts";
export { buildInstance, checkInstanceName } from "./build-instance.ts";
export type { ExplainRequest } from "./explain.ts";
export { explain } from "./explain.ts";
export type { VetReport, VetRequest } from "./vet-module.ts";
export { vetModule } from "./vet-module.ts";
