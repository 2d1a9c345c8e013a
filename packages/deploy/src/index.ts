export type { AdoptReport, AdoptRequest, LeaveRequest } from "./adopt/index.ts";
export { adoptInstance, leaveInstance } from "./adopt/index.ts";
export type {
  ApplyReport,
  ApplyRequest,
  ClusterRequest,
  DriftReport,
  DriftRequest,
  InstanceRequest,
  RepairRequest,
} from "./apply/index.ts";
export {
  applyInstance,
  deleteInstance,
  findDrift,
  inspectInstance,
  instanceStatus,
  listInstances,
  repairInstance,
} from "./apply/index.ts";
export type {
  ArtifactCopy,
  ArtifactId,
  ArtifactRequest,
  ArtifactTag,
  BuildFilesRequest,
  BuiltFiles,
  CopyRequest,
  Deletion,
  InspectedArtifact,
  InspectedLayer,
  ListTagsRequest,
  PullFilesRequest,
  PushFilesRequest,
  PushedFiles,
  TagFilter,
  TagRequest,
} from "./artifact/index.ts";
export {
  buildFiles,
  copyBetween,
  deleteArtifact,
  inspectArtifact,
  listArtifactTags,
  planDeletion,
  pullFiles,
  pushFiles,
  resolveArtifact,
  tagArtifact,
} from "./artifact/index.ts";
export type {
  ApplyBundleRequest,
  BuildBundleRequest,
  BuiltBundle,
  BuiltInstance,
  BuiltRuntime,
  BundleEvent,
  BundleOperation,
  BundleReport,
  BundleRequest,
  BundleSchemaRequest,
  BundleSelection,
  BundleState,
  BundleStatus,
  ClusterBundleStatus,
  ClusterDeletion,
  ClusterReport,
  DeleteBundleReport,
  DeleteBundleRequest,
  InitBundleRequest,
  InitializedBundle,
  InstancePlace,
  InstanceReport,
  ListBundlesRequest,
  ListedBundle,
  ListedBundles,
  MemberStatus,
  OpenedBundle,
  Outcome,
  RemovedReport,
  RuntimeValue,
  SkipReason,
  VetBundleRequest,
  VettedBundle,
} from "./bundle/index.ts";
export {
  applyBundle,
  buildBundle,
  buildRuntime,
  explainMember,
  bundleSchema,
  bundleStatus,
  defaultCluster,
  defaultParallel,
  deleteBundle,
  initBundle,
  isComplete,
  listBundles,
  openBundle,
  skipText,
  vetBundle,
} from "./bundle/index.ts";
export type {
  CheckBundleRequest,
  CheckItem,
  CheckName,
  CheckReport,
  CheckRequest,
} from "./check/index.ts";
export { checkBundle, checkInstance } from "./check/index.ts";
export type {
  Bump,
  ComparedModule,
  CompareRequest,
  ModuleDifference,
  ObjectDifference,
  RenderedChange,
  SampleDifference,
  ValuesSample,
} from "./compare/index.ts";
export { compareModules, readCorpus } from "./compare/index.ts";
export type { DeployContext, DeployEvent } from "./context.ts";
export type {
  ReadReference,
  RegistryExplanation,
  SourceReport,
  TableUse,
  TlsUse,
} from "./registry/explain-registry.ts";
export { explainRegistry } from "./registry/explain-registry.ts";
export type { DeployErrorCode } from "./errors.ts";
export { DeployError } from "./errors.ts";
export type {
  ExportBundleRequest,
  ExportedArtifact,
  ExportReport,
  ImportBundleRequest,
  ImportedArtifact,
  ImportReport,
} from "./move/index.ts";
export { exportBundle, importBundle, writeFiles, writeMirrors } from "./move/index.ts";
export type {
  LockBundleOptions,
  LockReport,
  LockedBundle,
  LockedChange,
  LockedContent,
  LockedCueModule,
  LockedModule,
} from "./lock/index.ts";
export { lockBundle } from "./lock/index.ts";
export type {
  BuildModuleRequest,
  BuiltModuleFile,
  Compatibility,
  GitOpsController,
  GitOpsRequest,
  ModuleVersion,
  PublishedModule,
  PublishedRender,
  PublishRenderRequest,
  PublishRequest,
  PulledModule,
  RenderedPart,
} from "./publish/index.ts";
export {
  buildModule,
  checkRenderUrl,
  gitOpsObjects,
  listModuleVersions,
  publishModule,
  publishRender,
  pullModule,
} from "./publish/index.ts";
export type { BuildRequest, RenderedInstance, VetReport, VetRequest } from "./render/index.ts";
export { buildInstance, checkInstanceName, vetModule } from "./render/index.ts";
export type {
  KeyPairRequest,
  SignedArtifact,
  SignerRequest,
  SigningIdentity,
  SigningKey,
  SignRequest,
  VerifiedArtifact,
  VerifyRequest,
  WrittenKeyPair,
} from "./signing/index.ts";
export {
  readIdentityToken,
  readSigningKey,
  readTrustedSigner,
  signExisting,
  verifyExisting,
  writeKeyPair,
} from "./signing/index.ts";
export type {
  ModuleRequest,
  RegistryContext,
  ValuesRequest,
  VerifiedModule,
} from "./source/index.ts";
export { openModule, readValues } from "./source/index.ts";
export type { CaseResult, TestModuleRequest, TestReport } from "./testing/index.ts";
export { testModule } from "./testing/index.ts";
export type {
  EditedFile,
  FieldUpdate,
  HeldUpdate,
  ModuleState,
  OutdatedRequest,
  UpdateBundleRequest,
  UpdateReport,
} from "./update/index.ts";
export { findOutdated, updateBundle } from "./update/index.ts";
export type { VendorReport, VendorRequest } from "./vendor/index.ts";
export { vendorModules } from "./vendor/index.ts";
export type { VendorCrdsRequest, VendoredCrd } from "./crds/index.ts";
export { vendorCrds } from "./crds/index.ts";
export type {
  DescribedRule,
  ExplainedSignature,
  ImageDemand,
  SeenTag,
  TagEvent,
  TrustExplanation,
  TrustPlaces,
  TrustSettings,
  VettedTrustPolicy,
} from "./trust/index.ts";
export { explainTrust, vetTrustPolicy } from "./trust/index.ts";
