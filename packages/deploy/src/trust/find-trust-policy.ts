import { lstat } from "node:fs/promises";
import path from "node:path";

import { DeployError } from "../errors.ts";

/** Where a trust policy is looked for. The first that is there is the whole policy. */
export interface TrustPlaces {
  /** File that the user named: it has to be there. */
  readonly file?: string | undefined;
  /** Folder in which, or above which, {@link policyFile} is looked for. */
  readonly workingDir: string;
  /** The user's own configuration of Tenon. */
  readonly configDir: string;
}

/** Name of a policy in a working folder, or in one above it. */
export const policyFile = "tenon.trust.yaml";
/** Name of the policy in the user's configuration. */
const userPolicyFile = "trust.yaml";

/**
 * Finds the trust policy: the file that was named, else that of the working folder or the nearest one
 * above it, else the user's own.
 *
 * @returns nothing where there is none: no policy is in force
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID` for one above the working folder that belongs to
 * somebody else
 */
export async function findTrustPolicy(places: TrustPlaces): Promise<string | undefined> {
  if (places.file !== undefined) return places.file;
  for (const folder of foldersUp(places.workingDir)) {
    const file = path.join(folder, policyFile);
    const uid = await ownerOf(file);
    if (uid === undefined) continue;
    await rejectForeign(file, uid, places.workingDir);
    return file;
  }
  const own = path.join(places.configDir, userPolicyFile);
  return (await ownerOf(own)) === undefined ? undefined : own;
}

function* foldersUp(start: string): Generator<string, void, void> {
  let folder = path.resolve(start);
  for (;;) {
    yield folder;
    const above = path.dirname(folder);
    if (above === folder) return;
    folder = above;
  }
}

/** Whoever may write to a folder above, such as `/tmp`, must not decide what is trusted below. */
async function rejectForeign(file: string, uid: number, workingDir: string): Promise<void> {
  const me = process.getuid?.();
  if (me === undefined || uid === me || uid === 0 || uid === (await ownerOf(workingDir))) return;
  throw new DeployError(
    "DEPLOY_TRUST_POLICY_INVALID",
    `Cannot use trust policy ${file}: it belongs to another user`,
    { hint: `If it is the right one, name it: --trust-policy ${file}` },
  );
}

/** Who has a file or link; nothing where there is none. Where nobody can tell, nothing is trusted. */
async function ownerOf(file: string): Promise<number | undefined> {
  try {
    return (await lstat(file)).uid;
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new DeployError(
      "DEPLOY_TRUST_POLICY_INVALID",
      `Cannot look for a trust policy at ${file}: ${code}`,
      { hint: "Name the policy with --trust-policy or TENON_TRUST_POLICY", cause },
    );
  }
}
