import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { groupOf, versionOf } from "@tenon/core";

import { assets } from "../assets.ts";
import type { Manifest } from "../manifest/read-manifests.ts";

/** The CUE definition of a Kubernetes kind. */
export interface KindDefinition {
  readonly importPath: string;
  /** Name by which the package is imported, such as `appsv1`. */
  readonly alias: string;
}

/** Packages of groups that are not among those of `k8s.io/api`, or are named otherwise. */
const packages: Readonly<Record<string, string>> = {
  "": "k8s.io/api/core",
  "apiregistration.k8s.io": "k8s.io/kube-aggregator/pkg/apis/apiregistration",
};

/** The vendored definitions; each package is read once. */
export interface KindDefinitions {
  /** Finds the definition of an object's kind, if there is one. */
  find(manifest: Manifest): Promise<KindDefinition | undefined>;
}

/** Opens the vendored definitions. */
export function kindDefinitions(): KindDefinitions {
  const packagesRead = new Map<string, Promise<ReadonlySet<string>>>();
  return {
    async find({ ref }) {
      const definition = placeOf(ref.apiVersion);
      if (definition === undefined) return undefined;
      const { importPath } = definition;
      const kinds = packagesRead.get(importPath) ?? kindsIn(importPath);
      packagesRead.set(importPath, kinds);
      return (await kinds).has(ref.kind) ? definition : undefined;
    },
  };
}

/**
 * Where the definitions of a group version would be. Those of custom resource definitions are left
 * alone: they take themselves in so many places that large ones need gigabytes.
 */
function placeOf(apiVersion: string): KindDefinition | undefined {
  const group = groupOf(apiVersion);
  const version = versionOf(apiVersion);
  const [short = ""] = group.split(".");
  const importPath = `${packages[group] ?? `k8s.io/api/${short}`}/${version}`;
  const isOwn = group === "" || !group.includes(".") || group.endsWith(".k8s.io");
  if (!isOwn || !/^[\w./-]+$/.test(importPath)) return undefined;
  return { importPath, alias: `${short || "core"}${version}` };
}

async function kindsIn(importPath: string): Promise<ReadonlySet<string>> {
  const dir = path.join(fileURLToPath(assets.kubernetes), "cue", importPath);
  const files = await readdir(dir).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(path.join(dir, file), "utf8")));
  const definitions = texts.flatMap((text) => [...text.matchAll(/^#(\w+): /gm)]);
  return new Set(definitions.map(([, kind]) => kind!));
}
