import { TenonError, type TenonErrorOptions } from "@tenon/core";

/** Codes of {@link DeployError}. */
export type DeployErrorCode =
  /** The module's digest is not the one that was asked for. */
  | "DEPLOY_DIGEST_MISMATCH"
  /** A version is not a semantic version, or not one that can be published. */
  | "DEPLOY_VERSION_INVALID"
  /** A values file cannot be read. */
  | "DEPLOY_VALUES_UNREADABLE"
  /** The instance's name cannot be one. */
  | "DEPLOY_NAME_INVALID"
  /** `vet` found something that would fail on apply. */
  | "DEPLOY_VET_FAILED";

/** A failure of a use case that none of the packages below it knows. */
export class DeployError extends TenonError<DeployErrorCode> {
  constructor(code: DeployErrorCode, message: string, options?: TenonErrorOptions) {
    super(code, message, options);
  }
}
