import { readFile, stat } from "node:fs/promises";
import path from "node:path";

import type { BundleRequest } from "../bundle/open-bundle.ts";
import { lockFileName } from "../lock/with-lock.ts";
import { policyFile } from "../trust/find-trust-policy.ts";
import type { CarriedFile } from "./carried-files.ts";

/** The largest file that travels: trusted roots have some 100 kB. */
const maxBytes = 4 * 1024 * 1024;

/**
 * The files beside the first file of a bundle that travel with it: the lock file, and the trust policy
 * with the public keys and trusted roots that it names. A private key never travels, whatever names it.
 */
export async function findFiles(request: BundleRequest): Promise<CarriedFile[]> {
  const { files, workdir = "." } = request;
  const [first] = files.filter((file) => file !== "-");
  const folder = first === undefined ? workdir : path.dirname(first);
  const lock =
    request.lockFile === undefined
      ? await findFile(folder, lockFileName)
      : await readCarried(request.lockFile, lockFileName);
  const policy = await findFile(folder, policyFile);
  const roots = policy === undefined ? [] : await rootsOf(folder, policy);
  return [lock ?? [], policy ?? [], roots].flat();
}

/** What a policy names and what is a root of trust by its content. */
async function rootsOf(folder: string, { content }: CarriedFile): Promise<CarriedFile[]> {
  const words =
    Buffer.from(content)
      .toString("utf8")
      .match(/(?<![\w./-])(?:\.\/)?\w[\w./-]*/g) ?? [];
  const names = [...new Set(words.map((word) => path.posix.normalize(word)))].filter(
    (word) => !word.includes(".."),
  );
  const found = await Promise.all(names.map((name) => findFile(folder, name)));
  return found.flatMap((file) => (file !== undefined && isRoot(file) ? [file] : []));
}

function isRoot({ content }: CarriedFile): boolean {
  const text = Buffer.from(content).toString("utf8");
  if (text.includes("PRIVATE KEY")) return false;
  return /-----BEGIN (?:[A-Z]+ )?(?:PUBLIC KEY|CERTIFICATE)-----|sigstore\.trustedroot/.test(text);
}

async function findFile(folder: string, name: string): Promise<CarriedFile | undefined> {
  return readCarried(path.join(folder, name), name);
}

async function readCarried(file: string, name: string): Promise<CarriedFile | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > maxBytes) return undefined;
  return { name, content: await readFile(file) };
}
