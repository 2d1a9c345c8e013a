import { type Diagnostic, type KubeObject, groupOf } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { assets } from "../assets.ts";
import {
  type Cel,
  type KubernetesSchemas,
  createKubernetesSchemas,
  definitionsIn,
} from "../kubernetes/index.ts";
import { objectsInvalid } from "./apply-sets.ts";
import { appendSelector } from "./cue-path.ts";
import { defaultKubeVersion, labelOf, type RenderRequest } from "./evaluate-module.ts";
import { locateProblems, type Problem } from "./locate-problems.ts";
import type { Rendered } from "./render-instance.ts";

let schemas: KubernetesSchemas | undefined;

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
  schemas ??= createKubernetesSchemas(assets.kubernetes);
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
    for (const found of (await schemas.checkObject(object, check)).problems) {
      (found.isWarning === true ? warnings : errors).push({
        text: `${kind} ${metadata.name}: ${found.message}`,
        path: found.path.reduce<string>(appendSelector, rendered.paths.get(object) ?? ""),
        notes:
          found.suggestion === undefined
            ? []
            : [`did you mean ${JSON.stringify(found.suggestion)}?`],
      });
    }
  }
  const located = (problems: readonly Problem[]): Promise<Diagnostic[]> =>
    locateProblems(engine, request, problems, options);
  if (errors.length > 0) throw objectsInvalid(await located(errors), labelOf(request));
  return warnings.length === 0 ? [] : located(warnings);
}

const groupsWithCel = ["apiextensions.k8s.io", "admissionregistration.k8s.io", "resource.k8s.io"];

function hasExpressions({ view }: KubeObject): boolean {
  return groupsWithCel.includes(groupOf(view.apiVersion));
}

/** Tells whether objects of a kind of Kubernetes' own live in a namespace; `undefined` for other kinds. */
export async function isNamespaced(apiVersion: string, kind: string): Promise<boolean | undefined> {
  schemas ??= createKubernetesSchemas(assets.kubernetes);
  return schemas.isNamespaced(apiVersion, kind);
}
