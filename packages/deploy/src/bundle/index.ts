export type { ApplyBundleRequest } from "./apply-bundle.ts";
export { applyBundle, defaultParallel } from "./apply-bundle.ts";
export type { BuildBundleRequest, BuiltBundle, BuiltInstance } from "./build-bundle.ts";
export { buildBundle } from "./build-bundle.ts";
export type { BundleSchemaRequest } from "./bundle-schema.ts";
export { bundleSchema } from "./bundle-schema.ts";
export type { ExplainMemberRequest } from "./explain-member.ts";
export { explainMember } from "./explain-member.ts";
export type { BuiltRuntime } from "./build-runtime.ts";
export { buildRuntime } from "./build-runtime.ts";
export type { RuntimeValue } from "./runtime-values.ts";
export type { BundleEvent, BundleOperation, InstancePlace } from "./bundle-event.ts";
export { defaultCluster } from "./bundle-event.ts";
export type {
  BundleReport,
  ClusterReport,
  InstanceReport,
  RemovedReport,
} from "./bundle-report.ts";
export { isComplete } from "./bundle-report.ts";
export type { BundleStatus, ClusterBundleStatus, MemberStatus } from "./bundle-status.ts";
export { bundleStatus } from "./bundle-status.ts";
export type { ClusterDeletion, DeleteBundleReport, DeleteBundleRequest } from "./delete-bundle.ts";
export { deleteBundle } from "./delete-bundle.ts";
export type {
  BundleState,
  ListBundlesRequest,
  ListedBundle,
  ListedBundles,
} from "./list-bundles.ts";
export { listBundles } from "./list-bundles.ts";
export type { InitBundleRequest, InitializedBundle } from "./init-bundle.ts";
export { initBundle } from "./init-bundle.ts";
export type { Outcome, SkipReason } from "./schedule.ts";
export type { BundleSelection } from "./select-bundle.ts";
export { skipText } from "./skip-reason.ts";
export type { BundleRequest, OpenedBundle } from "./open-bundle.ts";
export { openBundle } from "./open-bundle.ts";
export type { VetBundleRequest, VettedBundle } from "./vet-bundle.ts";
export { vetBundle } from "./vet-bundle.ts";
