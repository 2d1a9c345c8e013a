export type { ObjectProblem } from "./check-value.ts";
export type { Cel } from "./custom/cel.ts";
export { Double, Unordered, foreign } from "./custom/cel.ts";
export type { Definitions } from "./custom/definitions.ts";
export { definitionsIn } from "./custom/definitions.ts";
export type { CheckOptions, KubernetesSchemas, ObjectCheck } from "./kubernetes-schemas.ts";
export { createKubernetesSchemas } from "./kubernetes-schemas.ts";
export type { VendorKubernetesOptions } from "./vendor-kubernetes.ts";
export { vendorKubernetes } from "./vendor-kubernetes.ts";
