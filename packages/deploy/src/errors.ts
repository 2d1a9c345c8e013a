import { TenonError, type TenonErrorOptions } from "@tenon/core";

/** Codes of {@link DeployError}. */
export type DeployErrorCode =
  /** The module's digest is not the one that was asked for. */
  | "DEPLOY_DIGEST_MISMATCH"
  /** What stands where an image is meant is no reference of one. */
  | "DEPLOY_IMAGE_INVALID"
  /** A URL that nothing is downloaded from: it is not HTTPS, or holds credentials. */
  | "DEPLOY_URL_INVALID"
  /** A version is not a semantic version, or not one that can be published. */
  | "DEPLOY_VERSION_INVALID"
  /** A module has no version in the range that was asked for. */
  | "DEPLOY_VERSION_NOT_FOUND"
  /** What a render is to be pushed as has no tag, or a digest, which only the registry tells. */
  | "DEPLOY_PUSH_TAG_MISSING"
  /** Nothing was rendered: what applies it would delete all that it applied before. */
  | "DEPLOY_RENDER_EMPTY"
  /** Two instances have one object: rendered into one artifact, the last would win. */
  | "DEPLOY_OBJECT_SHARED"
  /** A released version has another content, and its tag does not move. */
  | "DEPLOY_VERSION_RELEASED"
  /** The trust policy does not accept an artifact. */
  | "DEPLOY_UNTRUSTED"
  /** A trust policy cannot be read, or is not one. */
  | "DEPLOY_TRUST_POLICY_INVALID"
  /** The tag of a released version points to another content than before, and the trust policy forbids that. */
  | "DEPLOY_TAG_MOVED"
  /** A filter of tags is no regular expression, or no range of versions. */
  | "DEPLOY_FILTER_INVALID"
  /** A module breaks more than the version says that it is to be published as. */
  | "DEPLOY_INCOMPATIBLE"
  /** The lock file cannot be read, or is damaged. */
  | "DEPLOY_LOCK_INVALID"
  /** `--locked` needs a lock file, and there is none. */
  | "DEPLOY_LOCK_MISSING"
  /** What a bundle uses is not what its lock file lists. */
  | "DEPLOY_LOCK_OUTDATED"
  /** A module has another content than the lock file says. */
  | "DEPLOY_LOCK_MISMATCH"
  /** The bundle has no such instance, or none with a module of a registry. */
  | "DEPLOY_INSTANCE_UNKNOWN"
  /** Instances share the text of a version and would need different ones. */
  | "DEPLOY_UPDATE_CONFLICT"
  /** With `--offline`: what is needed was not vendored, or only the network could give it. */
  | "DEPLOY_OFFLINE"
  /** The list of what was vendored is damaged. */
  | "DEPLOY_VENDOR_INVALID"
  /** A values file cannot be read. */
  | "DEPLOY_VALUES_UNREADABLE"
  /** The instance's name cannot be one. */
  | "DEPLOY_NAME_INVALID"
  /** The Kubernetes version to build for cannot be one. */
  | "DEPLOY_KUBE_VERSION_INVALID"
  /** A file of a bundle or runtime cannot be read. */
  | "DEPLOY_BUNDLE_UNREADABLE"
  /** An object that a runtime takes values from does not exist. */
  | "DEPLOY_RUNTIME_OBJECT_MISSING"
  /** A file of CustomResourceDefinitions cannot be read. */
  | "DEPLOY_CRDS_UNREADABLE"
  /** A file cannot be downloaded. */
  | "DEPLOY_DOWNLOAD_FAILED"
  /** `CUE_REGISTRY` does not say where CUE modules come from. */
  | "DEPLOY_CUE_REGISTRY_INVALID"
  /** A CUE module that a module requires cannot be fetched. */
  | "DEPLOY_CUE_MODULE_UNAVAILABLE"
  /** What a registry has is not the CUE module that a module requires. */
  | "DEPLOY_CUE_MODULE_INVALID"
  /** Several clusters are selected where one is needed. */
  | "DEPLOY_CLUSTER_AMBIGUOUS"
  /** Two clusters of a runtime are the same API server, and an instance goes to both. */
  | "DEPLOY_CLUSTERS_OVERLAP"
  /** Instances of a bundle need each other. */
  | "DEPLOY_DEPENDENCY_CYCLE"
  /** Several instances of a bundle cannot be built. */
  | "DEPLOY_INSTANCES_INVALID"
  /** An instance depends on one that is not in the bundle. */
  | "DEPLOY_DEPENDENCY_UNKNOWN"
  /** An instance is in an earlier wave than one that it depends on. */
  | "DEPLOY_WAVE_ORDER"
  /** A wave did not stay ready for its soak time. */
  | "DEPLOY_WAVE_NOT_READY"
  /** The cluster has no bundle of that name. */
  | "DEPLOY_BUNDLE_NOT_FOUND"
  /** Pruning an instance would delete the namespace of instances that stay. */
  | "DEPLOY_PRUNE_UNSAFE"
  /** A file with a key, an identity token or a trusted root cannot be read. */
  | "DEPLOY_KEY_UNREADABLE"
  /** An artifact that must be signed has no signature. */
  | "DEPLOY_SIGNATURE_MISSING"
  /** None of the signatures of an artifact was made by who must have signed it. */
  | "DEPLOY_SIGNATURE_REJECTED"
  /** A module has no tests, or none of that name. */
  | "DEPLOY_TESTS_MISSING"
  /** A module does not render what a case of its tests expects. */
  | "DEPLOY_TEST_FAILED"
  /** `vet` found something that would fail on apply. */
  | "DEPLOY_VET_FAILED";

/** A failure of a use case that none of the packages below it knows. */
export class DeployError extends TenonError<DeployErrorCode> {
  constructor(code: DeployErrorCode, message: string, options?: TenonErrorOptions) {
    super(code, message, options);
  }
}
