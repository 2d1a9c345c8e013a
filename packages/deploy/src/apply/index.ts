export type { ApplyReport, ApplyRequest } from "./apply-instance.ts";
export { applyInstance } from "./apply-instance.ts";
export type { InstanceRequest } from "./instances.ts";
export { deleteInstance, inspectInstance, instanceStatus, listInstances } from "./instances.ts";
export type { ClusterRequest } from "./open-cluster.ts";
export type { DriftReport, DriftRequest } from "./drift.ts";
export { findDrift } from "./drift.ts";
export type { RepairRequest } from "./repair.ts";
export { repairInstance } from "./repair.ts";
