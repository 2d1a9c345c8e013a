import { SchemaError } from "@tenon/schema";

import { type BundleRequest, type OpenedBundle, openBundle } from "../bundle/open-bundle.ts";
import type { DeployContext } from "../context.ts";
import { lockKey } from "../lock/lock-key.ts";
import type { EditedFile } from "./edit-files.ts";
import { instancesOf } from "./find-outdated.ts";
import type { FieldUpdate } from "./update-bundle.ts";

/**
 * Evaluates a bundle with edited files and tells what became of its modules: also where one takes its
 * version from another.
 *
 * @throws SchemaError, DeployError as `openBundle`
 */
export async function settleUpdates(
  context: DeployContext,
  request: BundleRequest,
  {
    opened,
    files,
  }: { readonly opened: readonly OpenedBundle[]; readonly files: readonly EditedFile[] },
): Promise<readonly FieldUpdate[]> {
  if (files.length === 0) return [];
  const edited = new Map(files.map(({ name, after }) => [name, Buffer.from(after)]));
  const settled = await openBundle({ ...context, lock: undefined }, { ...request, edited }).catch(
    (error: unknown) => {
      throw refused(error);
    },
  );
  const updates = opened.flatMap((before, index) => updatesBetween(before, settled[index]!));
  const byKey = updates.map(
    (one) => [JSON.stringify([one.instance, one.field, one.from]), one] as const,
  );
  return [...new Map(byKey).values()];
}

function refused(error: unknown): unknown {
  if (!(error instanceof SchemaError)) return error;
  const { code, diagnostics, details } = error;
  const message = error.message.replace(/^Cannot read/, "Cannot update");
  const hint = "Nothing was written: the bundle does not allow the newer version";
  return new SchemaError(code, message, { diagnostics, details, hint, cause: error });
}

function updatesBetween(before: OpenedBundle, after: OpenedBundle): FieldUpdate[] {
  return instancesOf([before]).flatMap((was) => {
    const is = after.bundle.instances.find(({ name }) => name === was.name);
    return (["version", "digest"] as const).flatMap((field) => {
      const [from, to] = [was.module[field], is?.module[field]];
      if (from === undefined || to === undefined || from === to) return [];
      const { module } = lockKey(was.module);
      return [{ instance: was.name, module, field, from, to, position: was.modulePosition }];
    });
  });
}
