import path from "node:path";

import { unwritable, withFileLock } from "@tenon/oci";
import { replaceFile } from "@tenon/schema";

import { type BundleRequest, type OpenedBundle, openBundle } from "../bundle/open-bundle.ts";
import type { DeployContext } from "../context.ts";
import { openAll } from "./check-locked.ts";
import { type LockFile, type LockedBundle, readLockFile } from "./lock-file.ts";
import { lockKey } from "./lock-key.ts";
import type { LockSession } from "./lock-session.ts";
import { type LockedChange, lockedChanges } from "./locked-changes.ts";
import { toLock } from "./with-lock.ts";

/** What a bundle was locked to. */
export interface LockReport extends LockedBundle {
  readonly bundle: string;
  readonly file: string;
  /** The file was written: there was none, or something is different in it. */
  readonly isWritten: boolean;
  /** What is different from before. */
  readonly changes: readonly LockedChange[];
}

/** Options of {@link lockBundle}. */
export interface LockBundleOptions {
  /** Names of instances whose modules are resolved anew; what else the file has stays. */
  readonly refresh?: readonly string[] | undefined;
}

/**
 * Resolves the modules of a bundle for all its clusters, with the CUE modules that they require, and
 * writes what they are into the lock file. What the file has and the bundle still asks for stays.
 *
 * @throws SchemaError, OciError, DeployError as `openBundle` and `openModule`;
 * DeployError `DEPLOY_LOCK_INVALID`, `DEPLOY_LOCK_MISMATCH`; OciError `OCI_OUTPUT_UNWRITABLE`
 */
export async function lockBundle(
  unlocked: DeployContext,
  request: BundleRequest,
  { refresh = [] }: LockBundleOptions = {},
): Promise<readonly LockReport[]> {
  const context = await toLock(unlocked, request);
  const { lock, before } = context;
  const opened = await openBundle(context, request);
  const instances = opened.flatMap(({ bundle }) => bundle.instances);
  lock.forget(
    instances
      .filter(({ name, module }) => refresh.includes(name) && module.url.startsWith("oci://"))
      .map(({ module }) => lockKey(module)),
  );
  await openAll(context, instances, lock);
  const isPart = request.cluster !== undefined || request.group !== undefined;
  const written = new Map<string, LockedBundle>();
  const names = [...new Set(opened.map(({ bundle }) => bundle.name))];
  const reports = names.map((name) => {
    const own = opened.filter(({ bundle }) => bundle.name === name);
    const known = before.bundles.get(name) ?? { modules: [], cueModules: [] };
    const found = foundOf(lock, own);
    const locked = isPart ? merged(known, found) : found;
    written.set(name, locked);
    return { bundle: name, file: lock.file, ...locked, changes: lockedChanges(known, locked) };
  });
  const isWritten = await write(context, written);
  return reports.map((report) => ({ ...report, isWritten }));
}

function foundOf(lock: LockSession, opened: readonly OpenedBundle[]): LockedBundle {
  const { modules, cueModules } = lock.found;
  const keys = new Set(
    opened
      .flatMap(({ bundle }) => bundle.instances)
      .filter(({ module }) => module.url.startsWith("oci://"))
      .map(({ module }) => JSON.stringify(lockKey(module))),
  );
  const isOwn = ({ module, asked }: LockedBundle["modules"][number]): boolean =>
    keys.has(JSON.stringify({ module, asked }));
  return { modules: modules.filter(isOwn), cueModules };
}

/** What clusters that are not selected use stays. */
function merged(known: LockedBundle, found: LockedBundle): LockedBundle {
  const isNew = ({ module, asked }: LockedBundle["modules"][number]): boolean =>
    !found.modules.some((one) => one.module === module && one.asked === asked);
  const names = new Set(found.cueModules.map(({ module }) => module));
  return {
    modules: [...found.modules, ...known.modules.filter(isNew)],
    cueModules: [
      ...found.cueModules,
      ...known.cueModules.filter(({ module }) => !names.has(module)),
    ],
  };
}

/**
 * Writes what bundles were locked to where it is something else than before, and tells whether it did.
 * The parts of other bundles are those that the file has by then: another run may just have written.
 */
async function write(
  { lock: { file }, before, signal }: Awaited<ReturnType<typeof toLock>>,
  own: ReadonlyMap<string, LockedBundle>,
): Promise<boolean> {
  const { formatLockFile } = await import("./lock-text.ts");
  const withOwn = ({ bundles }: LockFile): string =>
    formatLockFile({ bundles: new Map([...bundles, ...own]) });
  if (before.bundles.size > 0 && withOwn(before) === formatLockFile(before)) return false;
  const guard = path.join(path.dirname(file), `.${path.basename(file)}.lock`);
  try {
    await withFileLock(guard, signal, async (held) => {
      const text = withOwn((await readLockFile(file)) ?? before);
      await held.check();
      await replaceFile(file, text);
    });
  } catch (error) {
    throw unwritable(error, file);
  }
  return true;
}
