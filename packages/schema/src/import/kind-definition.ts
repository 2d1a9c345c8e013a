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

/**
 * Finds the vendored definition of an object's kind, if there is one. That of custom resource
 * definitions is left alone: it takes itself in so many places that large ones need gigabytes.
 */
export async function kindDefinition({ ref }: Manifest): Promise<KindDefinition | undefined> {
  const group = groupOf(ref.apiVersion);
  const version = versionOf(ref.apiVersion);
  const [short = ""] = group.split(".");
  const importPath = `${packages[group] ?? `k8s.io/api/${short}`}/${version}`;
  const isOwn = group === "" || !group.includes(".") || group.endsWith(".k8s.io");
  if (!isOwn || !/^[\w./-]+$/.test(importPath)) return undefined;
  const dir = path.join(fileURLToPath(assets.kubernetes), "cue", importPath);
  const files = await readdir(dir).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(path.join(dir, file), "utf8")));
  const definition = new RegExp(`^#${ref.kind}: `, "m");
  if (!/^\w+$/.test(ref.kind) || !texts.some((text) => definition.test(text))) return undefined;
  return { importPath, alias: `${short || "core"}${version}` };
}
