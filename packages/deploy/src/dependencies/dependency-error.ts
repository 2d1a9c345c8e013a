import { hasCode, isTenonError } from "@tenon/core";

import { DeployError, type DeployErrorCode } from "../errors.ts";
import type { RequiredModule } from "./add-dependencies.ts";
import type { CueRegistry } from "./cue-registry.ts";

/** The error for a module that no registry is meant to have. */
export function unlocated(wanted: RequiredModule, { shown }: CueRegistry): DeployError {
  return failure("DEPLOY_CUE_MODULE_UNAVAILABLE", wanted, {
    reason: `CUE_REGISTRY ${JSON.stringify(shown)} has no registry for it`,
    hint: `Add one: CUE_REGISTRY=${wanted.path}=HOST/PREFIX`,
  });
}

/** The error for a module that is not what it should be. */
export function invalid(wanted: RequiredModule, reason: string): DeployError {
  return failure("DEPLOY_CUE_MODULE_INVALID", wanted, {
    reason,
    hint: `Publish it again, under a new version, with \`cue mod publish\``,
  });
}

/** The error for a module that a registry does not give; what is no failure of one stays as it is. */
export function unavailable(wanted: RequiredModule, cause: unknown): unknown {
  if (hasCode(cause, "DEPLOY_OFFLINE")) {
    const reason = cause.message.replace(/^Cannot/, "cannot");
    return failure("DEPLOY_OFFLINE", wanted, { reason, hint: cause.hint ?? "", cause });
  }
  if (!isTenonError(cause) || cause instanceof DeployError) return cause;
  const { repository, tag, host } = wanted.location!;
  if (hasCode(cause, "OCI_NAME_UNKNOWN", "OCI_MANIFEST_UNKNOWN")) {
    return failure("DEPLOY_CUE_MODULE_UNAVAILABLE", wanted, {
      reason: `the registry ${host} has no ${repository}:${tag}`,
      hint: `Publish it there with \`cue mod publish ${wanted.version}\`, or name the registry that has it in CUE_REGISTRY`,
      cause,
    });
  }
  return failure("DEPLOY_CUE_MODULE_UNAVAILABLE", wanted, {
    reason: cause.message.replace(/^Cannot/, "cannot"),
    hint: cause.hint ?? "Check the network, and the registries in CUE_REGISTRY",
    cause,
  });
}

function failure(
  code: DeployErrorCode,
  wanted: RequiredModule,
  { reason, hint, cause }: { reason: string; hint: string; cause?: unknown },
): DeployError {
  const name = `${wanted.path}@${wanted.version}`;
  return new DeployError(code, `Cannot fetch CUE module ${name}: ${reason}`, {
    hint,
    diagnostics: [{ text: `${wanted.requiredBy} requires ${name}`, positions: [wanted.at] }],
    cause,
  });
}
