import { hasCode, sha256 } from "@tenon/core";

import type { DeployContext } from "../context.ts";
import type { RequiredModule } from "../dependencies/add-dependencies.ts";
import { DeployError } from "../errors.ts";
import type { ModuleRequest } from "../source/open-module.ts";
import { lockKey } from "./lock-key.ts";

/** The error of opening a module, told as one of the lock file where the module is not what it lists. */
export function asMismatch(
  { lock }: Pick<DeployContext, "lock">,
  request: ModuleRequest,
  error: unknown,
): unknown {
  const key = lockKey({ ...request, url: request.location });
  const locked = lock?.findModule(key);
  if (locked === undefined || !hasCode(error, "OCI_DIGEST_MISMATCH")) return error;
  const { expected, actual } = error.details;
  if (expected !== locked.digest) return error;
  return new DeployError(
    "DEPLOY_LOCK_MISMATCH",
    `Cannot use ${key.module}:${locked.version}: the registry has ${String(actual)}, and ${lock!.file} says ${locked.digest}`,
    {
      hint: "The tag was moved. If you trust what is there now, take it with `tenon bundle update`",
      cause: error,
    },
  );
}

/** Whether a manifest of a CUE module is one that the lock file has, or one that it does not know. */
export function isLocked(
  { lock }: Pick<DeployContext, "lock">,
  { path, version }: RequiredModule,
  manifest: Uint8Array,
): boolean {
  const digests = lock?.findCueModule(`${path}@${version}`) ?? [];
  return digests.length === 0 || digests.includes(sha256(manifest));
}

/**
 * Checks the manifest of a CUE module against the lock file, and takes note of it.
 *
 * @throws DeployError `DEPLOY_LOCK_MISMATCH`
 */
export function checkLockedCueModule(
  context: Pick<DeployContext, "lock">,
  wanted: RequiredModule,
  manifest: Uint8Array,
): void {
  const name = `${wanted.path}@${wanted.version}`;
  const { lock } = context;
  if (isLocked(context, wanted, manifest)) {
    lock?.addCueModule(name, manifest);
    return;
  }
  const [digest] = lock!.findCueModule(name);
  const reason = `the registry has ${sha256(manifest)}, and ${lock!.file} says ${digest}`;
  throw new DeployError("DEPLOY_LOCK_MISMATCH", `Cannot use CUE module ${name}: ${reason}`, {
    diagnostics: [{ text: `CUE module ${name}: ${reason}`, positions: [wanted.at] }],
    hint: `A version of a CUE module never changes: ask who publishes it. If you trust what is there now, remove ${name} from ${lock!.file}`,
  });
}
