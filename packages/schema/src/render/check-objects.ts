import type { Diagnostic } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { assets } from "../assets.ts";
import { createKubernetesSchemas, type KubernetesSchemas } from "../kubernetes/index.ts";
import { objectsInvalid } from "./apply-sets.ts";
import { appendSelector } from "./cue-path.ts";
import { defaultKubeVersion, labelOf, type RenderRequest } from "./evaluate-module.ts";
import { locateProblems, type Problem } from "./locate-problems.ts";
import type { Rendered } from "./render-instance.ts";

let schemas: KubernetesSchemas | undefined;

/**
 * Checks every rendered object against the Kubernetes API. For another minor version than that of
 * the schemas, whose API may differ, problems are warnings.
 *
 * @returns warnings
 * @throws SchemaError `SCHEMA_OBJECT_INVALID` with every problem and where it comes from
 */
export async function checkObjects(
  engine: Engine,
  request: RenderRequest,
  rendered: Rendered,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Diagnostic[]> {
  schemas ??= createKubernetesSchemas(assets.kubernetes);
  const problems: Problem[] = [];
  for (const object of rendered.sets.flatMap((set) => set.objects)) {
    const { kind, metadata } = object.view;
    for (const found of (await schemas.checkObject(object)).problems) {
      problems.push({
        text: `${kind} ${metadata.name}: ${found.message}`,
        path: found.path.reduce<string>(appendSelector, rendered.paths.get(object) ?? ""),
        notes:
          found.suggestion === undefined
            ? []
            : [`did you mean ${JSON.stringify(found.suggestion)}?`],
      });
    }
  }
  if (problems.length === 0) return [];
  const diagnostics = await locateProblems(engine, request, problems, options);
  const wanted = minorOf(request.kubeVersion ?? defaultKubeVersion);
  if (wanted !== minorOf(await schemas.version())) return diagnostics;
  throw objectsInvalid(diagnostics, labelOf(request));
}

/** Tells whether objects of a kind of Kubernetes' own live in a namespace; `undefined` for other kinds. */
export async function isNamespaced(apiVersion: string, kind: string): Promise<boolean | undefined> {
  schemas ??= createKubernetesSchemas(assets.kubernetes);
  return schemas.isNamespaced(apiVersion, kind);
}

function minorOf(version: string): string {
  return version.replace(/^v/, "").split(".").slice(0, 2).join(".");
}
