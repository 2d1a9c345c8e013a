import {
  arrayElements,
  kubeObject,
  type Diagnostic,
  type KubeObject,
  type ResourceSet,
} from "@tenon/core";

import { SchemaError } from "../errors.ts";
import { summaryOf } from "../summary-of.ts";
import { checkMetadata } from "./check-metadata.ts";
import { appendSelector } from "./cue-path.ts";
import type { Problem } from "./locate-problems.ts";

interface EncodedList {
  readonly name: string;
  readonly items: readonly (string | null)[];
}

/**
 * Reads the lists of `timoni.apply`: nulls are skipped, Kubernetes lists are taken apart, kustomize
 * configurations are left out, and the metadata of every object is checked.
 */
export function readApplySets(lists: readonly EncodedList[]): {
  sets: ResourceSet[];
  paths: Map<KubeObject, string>;
  problems: Problem[];
} {
  const paths = new Map<KubeObject, string>();
  const problems: Problem[] = [];
  const sets = lists.map(({ name, items }) => {
    const objects: KubeObject[] = [];
    items.forEach((item, index) => {
      if (item === null) return;
      const path = appendSelector(appendSelector("timoni.apply", name), index);
      for (const json of expandList(item)) {
        const found = checkMetadata(json);
        for (const { path: fields, text } of found) {
          problems.push({ text, path: fields.reduce<string>(appendSelector, path) });
        }
        if (found.length > 0) continue;
        const object = kubeObject(json);
        if (isKustomization(object)) continue;
        objects.push(object);
        paths.set(object, path);
      }
    });
    return { name, objects };
  });
  return { sets, paths, problems };
}

/** The error for rendered objects that are not valid Kubernetes objects. */
export function objectsInvalid(problems: readonly Diagnostic[], label: string): SchemaError {
  return new SchemaError("SCHEMA_OBJECT_INVALID", `Cannot build ${label}: ${summaryOf(problems)}`, {
    diagnostics: problems,
    hint: "Correct the module's template, or the value that it takes this from",
  });
}

function expandList(json: string): readonly string[] {
  return arrayElements(json, ["items"]) ?? [json];
}

function isKustomization({ view }: KubeObject): boolean {
  return (
    view.kind.toLowerCase() === "kustomization" &&
    view.apiVersion.startsWith("kustomize.config.k8s.io/")
  );
}
