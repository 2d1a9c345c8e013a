export type {
  AdoptedObject,
  Adoption,
  AdoptionOptions,
  AdoptionPlan,
  LeftBehind,
} from "./adopt/adoption.ts";
export { adoptInstance } from "./adopt/adopt-instance.ts";
export type { ForeignTool } from "./adopt/foreign-tool.ts";
export { planAdoption } from "./adopt/plan-adoption.ts";
export type { Action, Change, ChangeSet } from "./change-set.ts";
export { countActions, hasChanges } from "./change-set.ts";
export { applyInstance } from "./apply.ts";
export type {
  BundleApplied,
  BundleMember,
  BundlePending,
  BundleRecord,
} from "./bundle/bundle-record.ts";
export { membersOf } from "./bundle/bundle-record.ts";
export type { BundleSession, OpenBundleRecordRequest } from "./bundle/bundle-session.ts";
export { openBundleRecord } from "./bundle/bundle-session.ts";
export type { BrokenBundle, BundleSummary } from "./bundle/list-bundles.ts";
export { listBundles } from "./bundle/list-bundles.ts";
export type { DeniedAccess, FieldConflict } from "./client/api-error.ts";
export type { Impersonation, KubeAuth, KubeConnection, KubeTls } from "./client/connection.ts";
export type { ApiResource } from "./client/api-resource.ts";
export type { Discovery, DiscoveryCache } from "./client/discovery.ts";
export type { KubeClient, KubeClientOptions, ServerVersion } from "./client/kube-client.ts";
export type { KubeRequest, KubeResponse } from "./client/request.ts";
export { createKubeClient } from "./client/kube-client.ts";
export type { LoadKubeConfigOptions } from "./client/load-kube-config.ts";
export { loadKubeConfig } from "./client/load-kube-config.ts";
export { getObject, listObjects, serverSideApply } from "./client/objects.ts";
export { resourcePath } from "./client/resource-path.ts";
export type { Clock } from "./clock.ts";
export { systemClock } from "./clock.ts";
export type { DeleteOptions } from "./delete-instance.ts";
export { deleteInstance } from "./delete-instance.ts";
export type { DesiredInstance, ModuleReference } from "./desired.ts";
export type { FieldChange } from "./diff.ts";
export { diffObjects } from "./diff.ts";
export type { KubeErrorCode } from "./errors.ts";
export { KubeError, isKubeError } from "./errors.ts";
export type { KubeEvent, OnEvent } from "./events.ts";
export type { HolderIdentity } from "./holder.ts";
export { localHolder } from "./holder.ts";
export {
  bundleLabel,
  fieldManager,
  instanceLabel,
  instanceNamespaceLabel,
  ownerLabels,
  ownerSelector,
  recordName,
  recordType,
} from "./identity.ts";
export type {
  BrokenInstance,
  Instance,
  InstanceObjectStatus,
  InstanceState,
  InstanceStatus,
  InstanceSummary,
  ListOptions,
} from "./instances.ts";
export { getInstance, instanceStatus, listInstances } from "./instances.ts";
export type { InventoryEntry } from "./inventory.ts";
export { compareRefs, inApplyOrder } from "./order.ts";
export { planInstance } from "./plan.ts";
export type { AppliedState, Holder, InstanceRecord, PendingState, RunFailure } from "./record.ts";
export type { ApplyOptions, PlanOptions } from "./run.ts";
export type { InstanceKey, SharedReads } from "./shared-reads.ts";
export { shareReads } from "./shared-reads.ts";
export type { Condition, ObjectStatus, StatusName } from "./object-status.ts";
export { readinessOf, statusOf } from "./status-of.ts";
export type { HealthCheck, HealthChecks, NotReady } from "./wait.ts";
