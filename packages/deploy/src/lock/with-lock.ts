import path from "node:path";

import { VENDOR_FOLDER } from "@tenon/oci";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { type LockFile, readLockFile } from "./lock-file.ts";
import { LockSession } from "./lock-session.ts";

/** Name of a lock file, unless another is given. */
export const lockFileName = "tenon.lock";

/** Which lock file a bundle has. */
export interface LockRequest {
  /** Its files; what belongs to it lies beside the first. */
  readonly files: readonly string[];
  /** Path of the lock file; `tenon.lock` beside the bundle unless given. */
  readonly lockFile?: string | undefined;
  /** Fail unless the lock file is there and lists what the bundle uses, and nothing else. */
  readonly locked?: boolean | undefined;
  readonly creds?: string | undefined;
}

/**
 * A context for the work on a bundle: with what its lock file says, if it has one, and with the folder
 * of what was vendored for it.
 *
 * @throws DeployError `DEPLOY_LOCK_INVALID`; `DEPLOY_LOCK_MISSING` where the file is asked for
 */
export async function withLock(
  context: DeployContext,
  request: LockRequest,
): Promise<DeployContext> {
  const { locked = false, creds } = request;
  const file = lockFileOf(request);
  const content = await readLockFile(file);
  if (content === undefined && (locked || request.lockFile !== undefined)) throw missing(file);
  const lock =
    content && new LockSession({ file, content, strict: locked, creds, onEvent: context.onEvent });
  return { ...besideBundle(context, request), lock };
}

/** As {@link withLock}, to find out what is to be locked: a file that is missing is an empty one. */
export async function toLock(
  context: DeployContext,
  request: LockRequest,
): Promise<DeployContext & { readonly lock: LockSession; readonly before: LockFile }> {
  const file = lockFileOf(request);
  const before = (await readLockFile(file)) ?? { bundles: new Map() };
  const { creds } = request;
  const lock = new LockSession({ file, content: before, strict: false, creds });
  return { ...besideBundle(context, request), lock, before };
}

function besideBundle(context: DeployContext, { files }: LockRequest): DeployContext {
  const vendorDir = context.vendorDir ?? path.join(folderOf(files), VENDOR_FOLDER);
  const vendorCommand = ["tenon vendor", ...files.map((file) => `-f ${file}`)].join(" ");
  return { ...context, vendorDir, vendorCommand };
}

/** Path of the lock file of a bundle, whether it is there or not. */
export function lockFileOf({ files, lockFile }: LockRequest): string {
  return lockFile ?? path.join(folderOf(files), lockFileName);
}

/** Standard input is in the working folder. */
function folderOf(files: readonly string[]): string {
  const first = files.find((file) => file !== "-");
  return first === undefined ? "." : path.dirname(first);
}

function missing(file: string): DeployError {
  return new DeployError("DEPLOY_LOCK_MISSING", `Cannot read lock file ${file}: no such file`, {
    hint: "Make it with `tenon bundle lock` and keep it in version control",
  });
}
