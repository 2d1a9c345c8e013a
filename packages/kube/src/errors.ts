import { TenonError, type TenonErrorOptions, isTenonError } from "@tenon/core";

/** Codes of the failures that this package reports. They are public API. */
export type KubeErrorCode =
  /** Something of that name was created in the meantime. */
  | "KUBE_ALREADY_EXISTS"
  /** The instance belongs to another bundle, or to none. */
  | "KUBE_BUNDLE_CONFLICT"
  /** The kubeconfig cannot be read, or says something that cannot work. */
  | "KUBE_CONFIG_INVALID"
  /** There is no kubeconfig where one was looked for. */
  | "KUBE_CONFIG_NOT_FOUND"
  /** Another field manager owns fields that the module sets. */
  | "KUBE_CONFLICT"
  /** The kubeconfig has no such context. */
  | "KUBE_CONTEXT_UNKNOWN"
  /** An exec plugin or a token file gave no credentials. */
  | "KUBE_CREDENTIALS_FAILED"
  /** The user may not do this. */
  | "KUBE_FORBIDDEN"
  /** A field would change that cannot change once the object exists. */
  | "KUBE_IMMUTABLE"
  /** The namespace has no instance of that name. */
  | "KUBE_INSTANCE_NOT_FOUND"
  /** The API server finds an object invalid; causes are listed by field. */
  | "KUBE_INVALID"
  /** The API server does not serve the kind. */
  | "KUBE_KIND_UNKNOWN"
  /** Timoni manages an instance of that name. */
  | "KUBE_MANAGED_BY_TIMONI"
  /** The namespace does not exist. */
  | "KUBE_NAMESPACE_NOT_FOUND"
  /** The object does not exist. */
  | "KUBE_NOT_FOUND"
  /** Objects have failed or did not become ready in time. */
  | "KUBE_NOT_READY"
  /** Nothing that the other tool manages belongs to the instance. */
  | "KUBE_NOTHING_TO_ADOPT"
  /** The object carries the owner labels of another instance. */
  | "KUBE_OWNED_BY_OTHER"
  /** An instance record is damaged, or of a later version. */
  | "KUBE_RECORD_INVALID"
  /** Another run is changing the instance. */
  | "KUBE_RECORD_LOCKED"
  /** An admission policy, a webhook or a quota refuses the request. */
  | "KUBE_REJECTED"
  /** The API server failed, again and again where repeating made sense. */
  | "KUBE_SERVER_ERROR"
  /** The object changed since it was read. */
  | "KUBE_STALE"
  /** A controller of the other tool would undo what is adopted. */
  | "KUBE_STILL_RECONCILED"
  /** Objects were not gone in time, or the API server gave up on a call. */
  | "KUBE_TIMEOUT"
  /** The API server does not accept the credentials. */
  | "KUBE_UNAUTHORIZED"
  /** Nothing answers at the address of the API server, or not as itself. */
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
