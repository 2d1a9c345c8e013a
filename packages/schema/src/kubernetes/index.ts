export type { ObjectProblem } from "./check-value.ts";
export type { KubernetesSchemas, ObjectCheck } from "./kubernetes-schemas.ts";
export { createKubernetesSchemas } from "./kubernetes-schemas.ts";
export type { VendorKubernetesOptions } from "./vendor-kubernetes.ts";
export { vendorKubernetes } from "./vendor-kubernetes.ts";
