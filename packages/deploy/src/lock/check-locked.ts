import type { Diagnostic } from "@tenon/core";
import type { BundleInstance } from "@tenon/schema";
import pMap from "p-map";

import { moduleRequest } from "../bundle/module-request.ts";
import { once } from "../bundle/once.ts";
import type { OpenedBundle } from "../bundle/open-bundle.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { openModule } from "../source/open-module.ts";
import { atModule } from "./at-module.ts";
import type { LockedBundle } from "./lock-file.ts";
import { lockKey } from "./lock-key.ts";
import type { LockSession } from "./lock-session.ts";

const parallelModules = 4;

/**
 * Checks that a lock file lists what bundles use, and with `whole` nothing else, before anything of them
 * is rendered. Their modules are opened, so that content that differs is found as well.
 *
 * @throws DeployError `DEPLOY_LOCK_OUTDATED`, `DEPLOY_LOCK_MISMATCH`, and as `openModule`
 */
export async function checkLocked(
  context: DeployContext & { readonly lock: LockSession },
  opened: readonly OpenedBundle[],
  { whole }: { readonly whole: boolean },
): Promise<void> {
  const { lock } = context;
  const instances = opened.flatMap(({ bundle }) => bundle.instances);
  const missing = instances.flatMap((instance) => missingModule(lock, instance));
  if (missing.length > 0) throw outdated(lock, distinct(missing));
  await openAll(context, instances, lock);
  const news = lock.found.cueModules.filter(({ module }) => !lock.findCueModule(module).length);
  const unused = whole ? unusedIn(lock) : [];
  const differences = [
    ...news.map(({ module }) => ({ text: `CUE module ${module} is not in it`, positions: [] })),
    ...unused.map((text) => ({ text: `nothing uses ${text} any more`, positions: [] })),
  ];
  if (differences.length > 0) throw outdated(lock, differences);
}

/**
 * Opens the modules of instances, each once.
 *
 * @throws the first failure, as `openModule`, with the place of the module in the user's file
 */
export async function openAll(
  context: DeployContext,
  instances: readonly BundleInstance[],
  { opened, creds }: Pick<LockSession, "opened" | "creds">,
): Promise<void> {
  const { onEvent } = context;
  // Which modules they are is told by who asks for all of them.
  const quiet: DeployContext = {
    ...context,
    onEvent: (event) => (event.type === "transfer" ? onEvent?.(event) : undefined),
  };
  const failures: unknown[] = [];
  const open = async (instance: BundleInstance): Promise<void> => {
    const wanted = moduleRequest(instance.module, creds);
    try {
      await once(opened, JSON.stringify(wanted), () => openModule(quiet, wanted));
    } catch (error) {
      failures.push(atModule(instance, error));
    }
  };
  await pMap(instances, open, { concurrency: parallelModules });
  if (failures.length > 0) throw failures[0];
}

function missingModule(
  lock: LockSession,
  { module, modulePosition }: BundleInstance,
): Diagnostic[] {
  if (!module.url.startsWith("oci://")) return [];
  const key = lockKey(module);
  if (lock.findModule(key) !== undefined) return [];
  const text = `${key.module} ${key.asked} is not in it`;
  return [{ text, positions: modulePosition === undefined ? [] : [modulePosition] }];
}

function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((one) => [JSON.stringify(one), one])).values()];
}

/** What the file lists and the run did not come upon. */
function unusedIn(lock: LockSession): readonly string[] {
  const found: LockedBundle = lock.found;
  const used = new Set(found.modules.map((one) => lock.findModule(one)));
  const cueModules = new Set(found.cueModules.map(({ module }) => module));
  return [
    ...lock.known.modules
      .filter((one) => !used.has(one))
      .map(({ module, asked }) => `${module} ${asked}`),
    ...lock.known.cueModules
      .filter(({ module }) => !cueModules.has(module))
      .map(({ module }) => `CUE module ${module}`),
  ];
}

function outdated({ file }: LockSession, diagnostics: readonly Diagnostic[]): DeployError {
  const [first, ...others] = diagnostics;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return new DeployError(
    "DEPLOY_LOCK_OUTDATED",
    `Cannot use lock file ${file}: ${first!.text}${more}`,
    { diagnostics, hint: "Renew it with `tenon bundle lock` and look at the difference" },
  );
}
