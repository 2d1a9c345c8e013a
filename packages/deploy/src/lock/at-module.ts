import type { BundleInstance } from "@tenon/schema";

import { DeployError, type DeployErrorCode } from "../errors.ts";

const codes: readonly DeployErrorCode[] = [
  "DEPLOY_LOCK_MISMATCH",
  "DEPLOY_OFFLINE",
  "DEPLOY_VERSION_INVALID",
  "DEPLOY_VERSION_NOT_FOUND",
];

/** An error of opening the module of an instance, with the place where a bundle names the module. */
export function atModule({ modulePosition }: BundleInstance, error: unknown): unknown {
  if (!(error instanceof DeployError) || !codes.includes(error.code)) return error;
  if (modulePosition === undefined || error.diagnostics.length > 0) return error;
  const { code, message, hint, details } = error;
  const text = message.replace(/^Cannot/, "cannot");
  const diagnostics = [{ text, positions: [modulePosition] }];
  return new DeployError(code, message, { hint, details, diagnostics, cause: error });
}
