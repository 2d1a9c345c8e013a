import { KubeError, type KubeErrorCode } from "../errors.ts";

/** The part of a `Status` answer that tells why a request failed. */
export interface ApiStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly StatusCause[];
  };
}

/** One reason among those of a `Status` answer. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** A field that another manager owns. */
export interface FieldConflict {
  readonly field: string;
  readonly manager: string;
  /** When the manager last changed the object, where the server says so. */
  readonly since?: string | undefined;
}

/** What was asked of the server, for the message. */
export interface FailedCall {
  readonly httpStatus: number;
  readonly body: string;
  /** `apply Deployment/apps/web`, completes "Cannot …". */
  readonly action: string;
  readonly namespace?: string | undefined;
  readonly impersonate?: string | undefined;
}

/** Turns an answer of the API server that is not a success into the error to throw. */
export function apiError(call: FailedCall): KubeError {
  const status = parseStatus(call.body, call.httpStatus);
  const code = codeOf(call.httpStatus, status);
  const conflicts = code === "KUBE_CONFLICT" ? fieldConflicts(status) : undefined;
  const details = {
    httpStatus: call.httpStatus,
    reason: status.reason,
    ...(conflicts === undefined ? {} : { conflicts }),
    ...(code === "KUBE_FORBIDDEN" ? { denied: deniedAccess(status) } : {}),
    ...(status.details?.causes === undefined ? {} : { causes: status.details.causes }),
  };
  const message = `Cannot ${call.action}: ${describe(code, status, conflicts)}`;
  return new KubeError(code, message, { hint: hintOf(code, status, call), details });
}

/** The fields that other managers own, as a conflict answer lists them. */
export function fieldConflicts(status: ApiStatus): FieldConflict[] {
  const causes = status.details?.causes ?? [];
  return causes
    .filter((cause) => cause.reason === "FieldManagerConflict")
    .map((cause) => {
      const message = cause.message ?? "";
      const manager = /conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? "another manager";
      const since = / at (\d{4}-\d\d-\d\dT[\d:]+Z)/.exec(message)?.[1];
      return { field: cause.field ?? "", manager, since };
    });
}

/** Reads an error body; one that is no Status becomes its message. */
export function parseStatus(body: string, httpStatus: number): ApiStatus {
  try {
    const status = JSON.parse(body) as ApiStatus & { kind?: string };
    if (status.kind === "Status") return status;
  } catch {
    // A proxy or an old component answers in plain text.
  }
  const text = body.trim().replaceAll(/\s+/g, " ").slice(0, 500);
  return { message: text === "" ? `the server answered ${httpStatus}` : text };
}

const rbac = /cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?/;

function codeOf(httpStatus: number, status: ApiStatus): KubeErrorCode {
  const message = status.message ?? "";
  const causes = status.details?.causes ?? [];
  if (isSchemaError(status)) return "KUBE_INVALID";
  if (/admission webhook .* denied the request|ValidatingAdmissionPolicy/.test(message)) {
    return "KUBE_REJECTED";
  }
  switch (httpStatus) {
    case 400:
    case 413:
    case 415:
      return "KUBE_INVALID";
    case 401:
      return "KUBE_UNAUTHORIZED";
    case 403:
      return rbac.test(message) || /cannot (get|post) path/.test(message)
        ? "KUBE_FORBIDDEN"
        : "KUBE_REJECTED";
    case 404:
      return notFoundCode(status);
    case 409:
      if (causes.some((cause) => cause.reason === "FieldManagerConflict")) return "KUBE_CONFLICT";
      return status.reason === "AlreadyExists" ? "KUBE_ALREADY_EXISTS" : "KUBE_STALE";
    case 422:
      return isImmutable(causes) ? "KUBE_IMMUTABLE" : "KUBE_INVALID";
    case 504:
      return "KUBE_TIMEOUT";
    default:
      return "KUBE_SERVER_ERROR";
  }
}

function notFoundCode(status: ApiStatus): KubeErrorCode {
  const { kind, name } = status.details ?? {};
  if (kind === "namespaces" && name !== undefined) return "KUBE_NAMESPACE_NOT_FOUND";
  return name === undefined ? "KUBE_KIND_UNKNOWN" : "KUBE_NOT_FOUND";
}

/** A field that the schema does not have comes back as an internal error; trying again is useless. */
export function isSchemaError(status: ApiStatus): boolean {
  return /failed to create typed patch object|failed to create typed live object|field not declared in schema/.test(
    status.message ?? "",
  );
}

const immutable =
  /immutable|may not be changed|may not change once set|cannot change roleRef|updates to .* are forbidden|are forbidden after creation|field is not allowed to be changed/i;

/** True when nothing but fields that cannot change stands in the way. */
function isImmutable(causes: readonly StatusCause[]): boolean {
  return causes.length > 0 && causes.every((cause) => immutable.test(cause.message ?? ""));
}

function describe(
  code: KubeErrorCode,
  status: ApiStatus,
  conflicts: readonly FieldConflict[] | undefined,
): string {
  if (conflicts !== undefined) {
    const each = conflicts.map(
      ({ field, manager, since }) =>
        `${field} is owned by ${manager}${since === undefined ? "" : ` since ${since}`}`,
    );
    return each.join("; ");
  }
  const causes = status.details?.causes ?? [];
  if (causes.length > 0 && (code === "KUBE_INVALID" || code === "KUBE_IMMUTABLE")) {
    const each = causes.map(({ field, message }) => [field, message].filter(Boolean).join(": "));
    return [...new Set(each)].join("; ");
  }
  return status.message ?? status.reason ?? "unknown error";
}

function hintOf(code: KubeErrorCode, status: ApiStatus, call: FailedCall): string | undefined {
  if (code === "KUBE_FORBIDDEN") return canI(status, call);
  if (code === "KUBE_NAMESPACE_NOT_FOUND") {
    return `kubectl create namespace ${status.details?.name ?? ""}`.trim();
  }
  return hints[code];
}

const hints: Partial<Record<KubeErrorCode, string>> = {
  KUBE_UNAUTHORIZED: "Log in again, or check the user of the kubeconfig context",
  KUBE_CONFLICT: "Leave the field out, or take it over with --force-conflicts",
  KUBE_INVALID: "Correct the module's template, or the value that it takes this from",
  KUBE_IMMUTABLE: "Recreate the object with --force, or set action.timoni.sh/force: enabled on it",
};

function canI(status: ApiStatus, call: FailedCall): string | undefined {
  const denied = deniedAccess(status);
  if (denied === undefined) return undefined;
  const { verb, resource, group, namespace } = denied;
  const [plural, subresource] = resource.split("/");
  const inGroup = group === "" ? plural : `${plural}.${group}`;
  return [
    `kubectl auth can-i ${verb} ${inGroup}`,
    subresource === undefined ? "" : ` --subresource=${subresource}`,
    namespace === undefined ? "" : ` -n ${namespace}`,
    call.impersonate === undefined ? "" : ` --as ${call.impersonate}`,
  ].join("");
}

/** What a user may not do, as the details of `KUBE_FORBIDDEN` hold it. */
export interface DeniedAccess {
  readonly verb: string;
  readonly resource: string;
  readonly group: string;
  readonly namespace?: string | undefined;
}

function deniedAccess(status: ApiStatus): DeniedAccess | undefined {
  const [, verb, resource, group = ""] = rbac.exec(status.message ?? "") ?? [];
  if (verb === undefined || resource === undefined) return undefined;
  const namespace = /in the namespace "([^"]+)"/.exec(status.message ?? "")?.[1];
  return { verb, resource, group, namespace };
}
