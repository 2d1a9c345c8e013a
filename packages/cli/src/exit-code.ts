import { isTenonError } from "@tenon/core";

/** What the process ends with. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  badInput: 2,
  /** There is a difference, or something is not ready. */
  different: 3,
  interrupted: 130,
} as const;

/** Codes of errors that the user mends on the command line or in a file. Other codes are failures. */
export const badInputCodes: ReadonlySet<string> = new Set([
  "CLI_USAGE",
  "CLI_ENVIRONMENT_INVALID",
  "DEPLOY_BUNDLE_UNREADABLE",
  "DEPLOY_CLUSTERS_OVERLAP",
  "DEPLOY_CLUSTER_AMBIGUOUS",
  "DEPLOY_CRDS_UNREADABLE",
  "DEPLOY_CUE_REGISTRY_INVALID",
  "DEPLOY_DEPENDENCY_CYCLE",
  "DEPLOY_DEPENDENCY_UNKNOWN",
  "DEPLOY_DIGEST_MISMATCH",
  "DEPLOY_FILTER_INVALID",
  "DEPLOY_IMAGE_INVALID",
  "DEPLOY_INCOMPATIBLE",
  "DEPLOY_INSTANCES_INVALID",
  "DEPLOY_KUBE_VERSION_INVALID",
  "DEPLOY_KEY_UNREADABLE",
  "DEPLOY_NAME_INVALID",
  "DEPLOY_OBJECT_SHARED",
  "DEPLOY_PRUNE_UNSAFE",
  "DEPLOY_PUSH_TAG_MISSING",
  "DEPLOY_RENDER_EMPTY",
  "DEPLOY_TESTS_MISSING",
  "DEPLOY_URL_INVALID",
  "DEPLOY_VALUES_UNREADABLE",
  "DEPLOY_VERSION_INVALID",
  "DEPLOY_VERSION_RELEASED",
  "DEPLOY_VET_FAILED",
  "DEPLOY_WAVE_ORDER",
  "DIGEST_INVALID",
  "DURATION_INVALID",
  "KUBE_CONFIG_INVALID",
  "KUBE_CONFIG_NOT_FOUND",
  "KUBE_CONTEXT_UNKNOWN",
  "OCI_ANNOTATION_INVALID",
  "OCI_CERTIFICATE_INVALID",
  "OCI_CREDENTIALS_INVALID",
  "OCI_IGNORE_INVALID",
  "OCI_KEY_INVALID",
  "OCI_KEY_LOCKED",
  "OCI_OUTPUT_EXISTS",
  "OCI_PLATFORM_INVALID",
  "OCI_PLATFORM_MISSING",
  "OCI_REFERENCE_INVALID",
  "OCI_REGISTRIES_CONF_INVALID",
  "OCI_SOURCE_INVALID",
  "OCI_TRUSTED_ROOT_INVALID",
  "SCHEMA_ALREADY_EXISTS",
  "SCHEMA_BUILD_FAILED",
  "SCHEMA_BUNDLE_INVALID",
  "SCHEMA_CRD_INVALID",
  "SCHEMA_CUE_INVALID",
  "SCHEMA_FIELD_NOT_FOUND",
  "SCHEMA_HEALTH_CHECK_INVALID",
  "SCHEMA_IMAGE_INVALID",
  "SCHEMA_KUBERNETES_UNKNOWN",
  "SCHEMA_MANIFEST_INVALID",
  "SCHEMA_MODULE_INVALID",
  "SCHEMA_MODULE_NOT_FOUND",
  "SCHEMA_NAME_INVALID",
  "SCHEMA_OBJECT_INVALID",
  "SCHEMA_PATCH_INVALID",
  "SCHEMA_PATH_INVALID",
  "SCHEMA_README_INVALID",
  "SCHEMA_RUNTIME_INVALID",
  "SCHEMA_TEST_INVALID",
  "SCHEMA_VALUES_INVALID",
]);

/** The exit code for anything that was thrown. `signal` tells an interruption from other aborts. */
export function exitCodeOf(thrown: unknown, interrupted: boolean): number {
  if (interrupted) return exitCodes.interrupted;
  if (isTenonError(thrown) && badInputCodes.has(thrown.code)) return exitCodes.badInput;
  return exitCodes.failed;
}
