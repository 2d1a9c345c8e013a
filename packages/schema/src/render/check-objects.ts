import { type Diagnostic, type KubeObject, groupOf } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { assets } from "../assets.ts";
import {
  type Cel,
  type KubernetesSchemas,
  createKubernetesSchemas,
  definitionsIn,
} from "../kubernetes/index.ts";
import { pathInPatch } from "../patch/path-in-patch.ts";
import { objectsInvalid } from "./apply-sets.ts";
import { appendSelector } from "./cue-path.ts";
import { defaultKubeVersion, labelOf, type RenderRequest } from "./evaluate-module.ts";
import { locateProblems, type Problem } from "./locate-problems.ts";
import { OBJECT_IMAGES_ANNOTATION, imageProblems } from "./object-images.ts";
import type { Rendered } from "./render-instance.ts";

let schemas: KubernetesSchemas | undefined;

/** The schemas that come with this package, opened once. */
export function kubernetesSchemas(): KubernetesSchemas {
  return (schemas ??= createKubernetesSchemas(assets.kubernetes));
}

/**
 * Checks every rendered object against the API of the wanted Kubernetes version, and custom resources
 * against definitions of the same render. What another version than that of the schemas may take is a
 * warning, and so is what is deprecated.
 *
 * @param options.loadCel reads the expressions of definitions and policies; without it they are not checked
 * @returns warnings
 * @throws SchemaError `SCHEMA_OBJECT_INVALID` with every problem and where it comes from
 */
export async function checkObjects(
  engine: Engine,
  request: RenderRequest,
  rendered: Rendered,
  options: { signal?: AbortSignal | undefined; loadCel?: (() => Promise<Cel>) | undefined } = {},
): Promise<Diagnostic[]> {
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  const objects = rendered.sets.flatMap((set) => set.objects);
  const check = {
    kubeVersion: request.kubeVersion ?? defaultKubeVersion,
    definitions: definitionsIn(objects),
    cel: objects.some(hasExpressions) ? await options.loadCel?.() : undefined,
  };
  for (const object of objects) {
    const { kind, metadata } = object.view;
    for (const found of (await kubernetesSchemas().checkObject(object, check)).problems) {
      (found.isWarning === true ? warnings : errors).push({
        text: `${kind} ${metadata.name}: ${found.message}`,
        path: pathOf(rendered, object, found.path),
        notes:
          found.suggestion === undefined
            ? []
            : [`did you mean ${JSON.stringify(found.suggestion)}?`],
        ...(kind === "Secret" && { secret: true }),
      });
    }
  }
  warnings.push(...objects.flatMap((object) => annotationProblems(rendered, object)));
  const located = (problems: readonly Problem[]): Promise<Diagnostic[]> =>
    locateProblems(engine, request, problems, options);
  if (errors.length > 0) throw objectsInvalid(await located(errors), labelOf(request));
  return warnings.length === 0 ? [] : located(warnings);
}

function annotationProblems(rendered: Rendered, object: KubeObject): Problem[] {
  const { kind, metadata } = object.view;
  const path = pathOf(rendered, object, ["metadata", "annotations", OBJECT_IMAGES_ANNOTATION]);
  return imageProblems(object).map((text) => ({ text: `${kind} ${metadata.name}: ${text}`, path }));
}

/** Where a value of an object comes from: the patch that has it, or else the template. */
function pathOf(
  { paths, patches }: Rendered,
  object: KubeObject,
  keys: readonly (string | number)[],
): string {
  const patch = patches?.get(object);
  const patched = patch && pathInPatch(object, patch, keys);
  return patched ?? keys.reduce<string>(appendSelector, paths.get(object) ?? "");
}

const groupsWithCel = ["apiextensions.k8s.io", "admissionregistration.k8s.io"];

function hasExpressions({ view }: KubeObject): boolean {
  return groupsWithCel.includes(groupOf(view.apiVersion));
}

/** Tells whether objects of a kind of Kubernetes' own live in a namespace; `undefined` for other kinds. */
export async function isNamespaced(apiVersion: string, kind: string): Promise<boolean | undefined> {
  return kubernetesSchemas().isNamespaced(apiVersion, kind);
}
