import {
  type Diagnostic,
  type KubeObject,
  formatRef,
  kubeObject,
  refOf,
  suggest,
} from "@tenon/core";

import { SchemaError } from "../errors.ts";
import { definitionsIn } from "../kubernetes/index.ts";
import { kubernetesSchemas } from "../render/check-objects.ts";
import { isCalled } from "../render/is-called.ts";
import type { Rendered } from "../render/render-instance.ts";
import { summaryOf } from "../summary-of.ts";
import { mergePatch } from "./merge-patch.ts";
import { type AppliedPatch, type Patch, patchPath } from "./path-in-patch.ts";

/**
 * Merges patches into the objects of an instance.
 *
 * @param label what is built, for messages: `instance web`
 * @throws SchemaError `SCHEMA_PATCH_INVALID` for targets that are not rendered or are several, and for
 * patches that would make another object of one
 */
export async function patchObjects(
  rendered: Rendered,
  patches: readonly Patch[],
  label: string,
): Promise<Rendered> {
  if (patches.length === 0) return rendered;
  const objects = rendered.sets.flatMap((set) => set.objects);
  const problems = patches.flatMap((patch) => targetProblem(patch, objects) ?? []);
  if (problems.length > 0) throw invalid(label, problems);
  rejectTwice(patches, objects, label);
  const definitions = definitionsIn(objects);
  const replaced = new Map<KubeObject, KubeObject>();
  const applied = new Map<KubeObject, AppliedPatch>();
  for (const patch of patches) {
    const target = objects.find(isCalled(patch.target))!;
    const type = await kubernetesSchemas().typeOf(target, { definitions });
    const object = kubeObject(mergePatch(target.json, patch.json, type));
    if (
      formatRef(refOf(object)) !== formatRef(refOf(target)) ||
      object.view.apiVersion !== target.view.apiVersion
    ) {
      const text = "a patch cannot change apiVersion, kind, name or namespace";
      throw invalid(label, [{ text, path: patchPath(patch), positions: [] }]);
    }
    replaced.set(target, object);
    applied.set(object, { ...patch, type });
  }
  const now = (object: KubeObject): KubeObject => replaced.get(object) ?? object;
  return {
    ...rendered,
    sets: rendered.sets.map((set) => ({ ...set, objects: set.objects.map(now) })),
    paths: new Map([...rendered.paths].map(([object, path]) => [now(object), path])),
    patches: applied,
  };
}

function targetProblem(patch: Patch, objects: readonly KubeObject[]): Diagnostic | undefined {
  const found = objects.filter(isCalled(patch.target));
  if (found.length === 1) return undefined;
  const refs = (found.length === 0 ? objects : found).map((object) => formatRef(refOf(object)));
  const path = patchPath(patch);
  if (found.length > 1) {
    const text = `there are several: ${refs.join(", ")}`;
    return { text, path, positions: [] };
  }
  const short = objects.map(({ view }) => `${view.kind}/${view.metadata.name}`);
  const close = suggest(patch.target, [...short, ...refs]);
  const note = close === undefined ? `there is ${short.join(", ")}` : `did you mean ${close}?`;
  return { text: `there is no ${patch.target} to patch`, path, positions: [], notes: [note] };
}

function rejectTwice(
  patches: readonly Patch[],
  objects: readonly KubeObject[],
  label: string,
): void {
  const seen = new Map<KubeObject | undefined, Patch>();
  for (const patch of patches) {
    const target = objects.find(isCalled(patch.target));
    const other = seen.get(target);
    if (other !== undefined) {
      const text = `${other.target} is the same object: it can have one patch`;
      throw invalid(label, [{ text, path: patchPath(patch), positions: [] }]);
    }
    seen.set(target, patch);
  }
}

function invalid(label: string, diagnostics: readonly Diagnostic[]): SchemaError {
  const message = `Cannot build ${label}: ${summaryOf(diagnostics)}`;
  return new SchemaError("SCHEMA_PATCH_INVALID", message, { diagnostics });
}
