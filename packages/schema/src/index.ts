export type { SchemaErrorCode } from "./errors.ts";
export { SchemaError } from "./errors.ts";
export { moduleImages } from "./module/module-images.ts";
export { initModule } from "./module/init-module.ts";
export type { ModuleValues } from "./module/module-values.ts";
export { moduleValues } from "./module/module-values.ts";
export type { ModuleFiles } from "./module/read-module.ts";
export { moduleName, readModule, requireFiles, requiredFiles } from "./module/read-module.ts";
export { vendorK8s } from "./module/vendor-k8s.ts";
export { coreImportPath, vendorCore } from "./module/vendor-core.ts";
export { checkObjects } from "./render/check-objects.ts";
export { maskSecrets } from "./render/mask-secrets.ts";
export { printObjects } from "./render/print-objects.ts";
export type { Rendered, RenderRequest } from "./render/render-instance.ts";
export {
  defaultKubeVersion,
  localModuleVersion,
  renderInstance,
} from "./render/render-instance.ts";
export { stdinName, valueSource } from "./values/value-source.ts";
export type { ValueSource } from "@tenon/cue-wasm";
