import { type Position, suggest } from "@tenon/core";
import { type BundleInstance, replaceFile } from "@tenon/schema";

import { type OpenedBundle, openBundle } from "../bundle/open-bundle.ts";
import { unreadable } from "../bundle/read-declarations.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { type LockReport, lockBundle } from "../lock/lock-bundle.ts";
import { toLock } from "../lock/with-lock.ts";
import { openRegistry } from "../source/open-registry.ts";
import { type BundleText, readBundleText } from "./bundle-text.ts";
import { type Edit, type EditedFile, editFiles } from "./edit-files.ts";
import { type ModuleField, findLiterals } from "./find-literals.ts";
import {
  type ModuleState,
  instancesOf,
  moduleStates,
  type OutdatedRequest,
} from "./find-outdated.ts";
import { askFor } from "./newer-versions.ts";
import { settleUpdates } from "./settle-updates.ts";

/** What to update. */
export interface UpdateBundleRequest extends OutdatedRequest {
  /** Names of instances; all unless given. */
  readonly instances: readonly string[];
  /** Go to the newest version, also where it is not compatible, or not in the range. */
  readonly latest?: boolean | undefined;
  /** Write nothing. */
  readonly dryRun?: boolean | undefined;
}

/** A field of a module that gets another value. */
export interface FieldUpdate {
  readonly instance: string;
  readonly module: string;
  readonly field: ModuleField;
  readonly from: string;
  readonly to: string;
  readonly position?: Position | undefined;
}

/** A field that should get another value and is not written as a plain text. */
export interface HeldUpdate extends FieldUpdate {
  readonly reason: string;
}

/** What an update did, or would do. */
export interface UpdateReport {
  readonly bundle: string;
  readonly updates: readonly FieldUpdate[];
  /** What was left as it is, for the user to change. */
  readonly held: readonly HeldUpdate[];
  readonly files: readonly EditedFile[];
  /** The lock file, where there is one and it was renewed. */
  readonly lock: readonly LockReport[];
}

/**
 * Rewrites the versions, and digests, that the files of a bundle have for modules, and leaves every other
 * byte as it is. The bundle is evaluated with the new text before a file is replaced. A lock file is
 * renewed for the same instances, also where a range or `latest` stays as it is written.
 *
 * @throws DeployError `DEPLOY_UPDATE_CONFLICT`, `DEPLOY_BUNDLE_UNREADABLE`; SchemaError, OciError,
 * DeployError as `findOutdated` and `lockBundle`
 */
export async function updateBundle(
  given: DeployContext,
  request: UpdateBundleRequest,
): Promise<UpdateReport> {
  if (request.files.includes("-")) {
    throw unreadable("what comes from standard input cannot be updated", "Give the file with -f");
  }
  const context = await toLock(given, request);
  const opened = await openBundle(context, request);
  const bundle = opened[0]!.bundle.name;
  const all = instancesOf(opened);
  const chosen = choose(bundle, all, request.instances);
  const states = await moduleStates(context, chosen, request);
  const wishes = (
    await Promise.all(
      chosen.map((instance, index) =>
        wishesFor(context, { instance, state: states[index]! }, request),
      ),
    )
  ).flat();
  const texts = await Promise.all(request.files.map((file) => readBundleText(file)));
  const planned = await planEdits(opened, wishes, texts);
  const { files } = planned;
  const updates = files.some(({ name }) => /\.m?ts$/.test(name))
    ? unheld(wishes, planned.held)
    : await settleUpdates(context, request, { opened, files });
  const held = planned.held.filter((one) => !updates.some((update) => isSame(update, one)));
  if (request.dryRun === true) return { bundle, updates, held, files, lock: [] };
  for (const { name, after } of files) await replaceFile(name, after);
  const isLocked = context.before.bundles.has(bundle);
  const refresh = [...chosen.map(({ name }) => name), ...updates.map(({ instance }) => instance)];
  const lock = isLocked ? await lockBundle(given, request, { refresh }) : [];
  return { bundle, updates, held, files, lock };
}

function choose(
  bundle: string,
  all: readonly BundleInstance[],
  names: readonly string[],
): readonly BundleInstance[] {
  if (names.length === 0) return all;
  const known = [...new Set(all.map(({ name }) => name))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return all.filter(({ name }) => names.includes(name));
  const close = suggest(unknown, known);
  throw new DeployError(
    "DEPLOY_INSTANCE_UNKNOWN",
    `Cannot update instance ${unknown}: bundle ${bundle} has none of that name with a module of a registry`,
    { hint: close === undefined ? hintFor(known) : `Did you mean ${close}?` },
  );
}

function hintFor(known: readonly string[]): string {
  if (known.length === 0) return "All its modules are in folders, which have no versions";
  return `It has ${known.join(", ")}`;
}

type Wish = Omit<FieldUpdate, "to"> & {
  readonly asking: BundleInstance;
  /** Nothing for a range that cannot be rewritten. */
  readonly to: string | undefined;
  readonly goal: string;
};

async function wishesFor(
  context: DeployContext,
  { instance: asking, state }: { readonly instance: BundleInstance; readonly state: ModuleState },
  { latest, creds }: UpdateBundleRequest,
): Promise<Wish[]> {
  const { instance, module, asked, position } = state;
  const goal = latest === true ? state.latest : state.wanted;
  const to = askFor(asked, goal);
  const wish = { instance, module, asking, goal, position };
  const wishes: Wish[] = [];
  if (to !== asked) wishes.push({ ...wish, field: "version", from: asked, to });
  const { digest } = asking.module;
  if (digest === undefined) return wishes;
  const tag = asked === "latest" ? asked : goal;
  await using open = openRegistry(context, module, creds);
  const { signal } = context;
  const found = await open.registry.readManifest(open.reference.repository, tag, { signal });
  const now = found.descriptor.digest;
  if (now !== digest) wishes.push({ ...wish, field: "digest", from: digest, to: now });
  return wishes;
}

/** Finds what has to be written where. */
async function planEdits(
  opened: readonly OpenedBundle[],
  wishes: readonly Wish[],
  texts: readonly BundleText[],
): Promise<{ readonly held: readonly HeldUpdate[]; readonly files: readonly EditedFile[] }> {
  const held: HeldUpdate[] = [];
  const edits: Edit[] = [];
  for (const { asking, goal, ...wish } of wishes) {
    const { bundle } = opened.find((one) => one.bundle.instances.includes(asking))!;
    const { to, field, from } = wish;
    const { literals, position } = await findLiterals(texts, bundle, { instance: asking, field });
    if (to === undefined) {
      const reason = `a range of the form ${from} is not rewritten`;
      held.push({ ...wish, to: goal, position, reason });
    } else if (literals.length === 0) {
      held.push({ ...wish, to, position, reason: `its ${field} is computed` });
    }
    if (to !== undefined) edits.push(...literals.map((literal) => ({ literal, text: to })));
  }
  return { held, files: editFiles(texts, edits) };
}

/** What was asked for and is written out, where the result is not known before it is written. */
function unheld(wishes: readonly Wish[], held: readonly HeldUpdate[]): FieldUpdate[] {
  return wishes.flatMap(({ instance, module, field, from, to, position }) => {
    const isHeld = to === undefined || held.some((one) => isSame(one, { instance, field }));
    return isHeld ? [] : [{ instance, module, field, from, to, position }];
  });
}

function isSame(
  a: Pick<FieldUpdate, "instance" | "field">,
  b: Pick<FieldUpdate, "instance" | "field">,
): boolean {
  return a.instance === b.instance && a.field === b.field;
}
