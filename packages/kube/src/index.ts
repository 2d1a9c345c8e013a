export type { Access, AccessNeed } from "./access/access.ts";
export type { ApplyNeeds, NeedsContext } from "./access/needs-of-apply.ts";
export { needsOfApply } from "./access/needs-of-apply.ts";
export type { ReviewedAccess } from "./access/review-access.ts";
export { reviewAccess } from "./access/review-access.ts";
export type { RoleObject, RoleRule } from "./access/roles-of.ts";
export { formatRule, rolesOf } from "./access/roles-of.ts";
export type { ClusterUser } from "./access/who-am-i.ts";
export { whoAmI } from "./access/who-am-i.ts";
export type {
  AdoptedObject,
  Adoption,
  AdoptionOptions,
  AdoptionPlan,
  LeftBehind,
} from "./adopt/adoption.ts";
export { adoptInstance } from "./adopt/adopt-instance.ts";
export type { ForeignTool } from "./adopt/foreign-tool.ts";
export type { Receiver } from "./adopt/hand-over.ts";
export type { LeaveOptions, Leaving } from "./adopt/leave-instance.ts";
export { leaveInstance } from "./adopt/leave-instance.ts";
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
export { checkOwnership } from "./bundle/check-ownership.ts";
export type { BundleSession, OpenBundleRecordRequest } from "./bundle/bundle-session.ts";
export { openBundleRecord } from "./bundle/bundle-session.ts";
export type { BrokenBundle, BundleSummary } from "./bundle/list-bundles.ts";
export { listBundles } from "./bundle/list-bundles.ts";
export type { DeniedAccess, FieldConflict } from "./client/api-error.ts";
export type { Impersonation, KubeAuth, KubeConnection, KubeTls } from "./client/connection.ts";
export type { ApiResource } from "./client/api-resource.ts";
export type { Discovery, DiscoveryCache } from "./client/discovery.ts";
export type { KubeClient, KubeClientOptions, ServerVersion } from "./client/kube-client.ts";
export type { OnRetry, Retry } from "./client/outages.ts";
export type { KubeRequest, KubeResponse } from "./client/request.ts";
export { createKubeClient } from "./client/kube-client.ts";
export type { LoadKubeConfigOptions } from "./client/load-kube-config.ts";
export { loadKubeConfig } from "./client/load-kube-config.ts";
export { getObject, listObjects, serverSideApply } from "./client/objects.ts";
export { resourcePath } from "./client/resource-path.ts";
export type { Clock } from "./clock.ts";
export { systemClock } from "./clock.ts";
export { listDefinitionNames, readDefinitions } from "./definitions.ts";
export type { DeleteOptions } from "./delete-instance.ts";
export { deleteInstance } from "./delete-instance.ts";
export type { DesiredInstance, ModuleReference, RewrittenImage } from "./desired.ts";
export type { DriftedField, FieldAuthor } from "./drift/compare-owned.ts";
export type { DriftOptions, InstanceDrift, ObjectDrift } from "./drift/drift-of-instance.ts";
export { driftOfInstance } from "./drift/drift-of-instance.ts";
export type { IgnoreRules } from "./drift/ignore-rules.ts";
export type { FieldChange } from "./diff.ts";
export { diffObjects } from "./diff.ts";
export type { KubeErrorCode } from "./errors.ts";
export { KubeError, isKubeError } from "./errors.ts";
export type { KubeEvent, OnEvent } from "./events.ts";
export type { Cause, CauseCondition, CauseContainer, CauseEvent } from "./evidence/cause.ts";
export { explain } from "./evidence/explain.ts";
export { hasNamespace } from "./has-namespace.ts";
export type { HolderIdentity } from "./holder.ts";
export { holderText, localHolder } from "./holder.ts";
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
export { isImmutableChange } from "./immutable-fields.ts";
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
export type { NotReady } from "./not-ready.ts";
export { compareRefs, inApplyOrder } from "./order.ts";
export { planInstance } from "./plan.ts";
export { definedResources } from "./prepare.ts";
export { readObject } from "./read-object.ts";
export type { Finding, Repair, RepairOptions } from "./repair/repair-instance.ts";
export { repairInstance } from "./repair/repair-instance.ts";
export type { AppliedState, Holder, InstanceRecord, PendingState, RunFailure } from "./record.ts";
export type { ApplyOptions, PlanOptions } from "./run.ts";
export type { InstanceKey, SharedReads } from "./shared-reads.ts";
export { shareReads } from "./shared-reads.ts";
export type { Condition, ObjectStatus, StatusName } from "./object-status.ts";
export { readinessOf, statusOf } from "./status-of.ts";
export type { TreeNode } from "./tree/object-tree.ts";
export type { HealthCheck, HealthChecks } from "./wait.ts";
