import { readFile, stat } from "node:fs/promises";
import path from "node:path";

import type { BundleRequest } from "../bundle/open-bundle.ts";
import { lockFileName, lockFileOf } from "../lock/with-lock.ts";
import { policyFile } from "../trust/find-trust-policy.ts";
import { parseTrustPolicy } from "../trust/read-trust-policy.ts";
import { type CarriedFile, isCarriedName } from "./carried-files.ts";

/** The largest file that travels: trusted roots have some 100 kB. */
const maxBytes = 4 * 1024 * 1024;

/**
 * The files beside the first file of a bundle that travel with it: the lock file, and the trust policy
 * with the public keys and trusted roots that it names below its folder. A private key never travels, whatever
 * names it.
 *
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID`
 */
export async function findFiles(request: BundleRequest): Promise<CarriedFile[]> {
  const { files, workdir = "." } = request;
  const [first] = files.filter((file) => file !== "-");
  const folder = first === undefined ? workdir : path.dirname(first);
  const lock = await readCarried(lockFileOf(request), lockFileName);
  const policy = await readCarried(path.join(folder, policyFile), policyFile);
  const roots = policy === undefined ? [] : await rootsOf(folder, policy);
  return [lock ?? [], policy ?? [], roots].flat();
}

async function rootsOf(folder: string, { name, content }: CarriedFile): Promise<CarriedFile[]> {
  const roots = new Map<string, CarriedFile>();
  await parseTrustPolicy(path.join(folder, name), content, async (named) => {
    const file = path.resolve(folder, named);
    const root = await readFile(file);
    const below = path.relative(folder, file).split(path.sep).join("/");
    const isOpen = root.byteLength <= maxBytes && !root.includes("PRIVATE KEY");
    if (isOpen && isCarriedName(below)) roots.set(below, { name: below, content: root });
    return root.toString("utf8");
  });
  return [...roots.values()];
}

async function readCarried(file: string, name: string): Promise<CarriedFile | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > maxBytes) return undefined;
  return { name, content: await readFile(file) };
}
