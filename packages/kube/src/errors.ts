import { TenonError, type TenonErrorOptions, isTenonError } from "@tenon/core";

/** Codes of the failures that this package reports. They are public API. */
export type KubeErrorCode =
  | "KUBE_ALREADY_EXISTS"
  | "KUBE_BUNDLE_CONFLICT"
  | "KUBE_CONFIG_INVALID"
  | "KUBE_CONFIG_NOT_FOUND"
  | "KUBE_CONFLICT"
  | "KUBE_CONTEXT_UNKNOWN"
  | "KUBE_CREDENTIALS_FAILED"
  | "KUBE_FORBIDDEN"
  | "KUBE_IMMUTABLE"
  | "KUBE_INSTANCE_NOT_FOUND"
  | "KUBE_INVALID"
  | "KUBE_KIND_UNKNOWN"
  | "KUBE_MANAGED_BY_TIMONI"
  | "KUBE_NAMESPACE_NOT_FOUND"
  | "KUBE_NOT_FOUND"
  | "KUBE_NOT_READY"
  | "KUBE_OWNED_BY_OTHER"
  | "KUBE_RECORD_INVALID"
  | "KUBE_RECORD_LOCKED"
  | "KUBE_REJECTED"
  | "KUBE_SERVER_ERROR"
  | "KUBE_STALE"
  | "KUBE_TIMEOUT"
  | "KUBE_UNAUTHORIZED"
  | "KUBE_UNREACHABLE";

/** A failure of this package. */
export class KubeError extends TenonError<KubeErrorCode> {
  constructor(code: KubeErrorCode, message: string, options: TenonErrorOptions = {}) {
    super(code, message, options);
  }
}

/** Tells a failure of this package with one of these codes, or with any when none is named. */
export function isKubeError(
  value: unknown,
  ...codes: readonly KubeErrorCode[]
): value is KubeError {
  if (!isTenonError(value) || !value.code.startsWith("KUBE_")) return false;
  return codes.length === 0 || (codes as readonly string[]).includes(value.code);
}
