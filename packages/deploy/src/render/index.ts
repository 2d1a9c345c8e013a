export type { RenderedInstance } from "./build-instance.ts";
export { buildInstance } from "./build-instance.ts";
export type { BuildRequest } from "./build-request.ts";
export { checkInstanceName } from "./build-request.ts";
export type { ExplainRequest } from "./explain.ts";
export { explain } from "./explain.ts";
export type { VetReport, VetRequest } from "./vet-module.ts";
export { vetModule } from "./vet-module.ts";
