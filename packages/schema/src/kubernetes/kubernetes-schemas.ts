import { fileURLToPath } from "node:url";

import type { KubeObject } from "@tenon/core";

import type { ObjectProblem } from "./check-value.ts";
import { checkFields } from "./check-value.ts";
import { findKind } from "./find-kind.ts";
import type { SchemaFiles } from "./schema-files.ts";
import { openSchemaFiles } from "./schema-files.ts";

/** What a check found. Kinds that are not Kubernetes' own, custom resources above all, are unchecked. */
export interface ObjectCheck {
  readonly status: "checked" | "unchecked";
  readonly problems: readonly ObjectProblem[];
}

/** The API of one Kubernetes version, read from generated files when needed. */
export interface KubernetesSchemas {
  /** The Kubernetes version, such as `1.36.3`. */
  version(): Promise<string>;
  /** Compares an object with the API: unknown and missing fields, types, enums, duplicates. */
  checkObject(object: KubeObject): Promise<ObjectCheck>;
  /** Tells whether objects of this kind live in a namespace; `undefined` when the kind is unknown. */
  isNamespaced(apiVersion: string, kind: string): Promise<boolean | undefined>;
}

/**
 * Opens a folder of generated Kubernetes schemas. Nothing is read before it is needed, and each file once.
 *
 * @example
 * ```ts
 * const schemas = createKubernetesSchemas(new URL("kubernetes/", import.meta.url));
 * const { problems } = await schemas.checkObject(object);
 * ```
 */
export function createKubernetesSchemas(dir: URL | string): KubernetesSchemas {
  const files = openSchemaFiles(typeof dir === "string" ? dir : fileURLToPath(dir));
  return {
    version: async () => (await files.index()).kubernetes,
    checkObject: (object) => checkObject(files, object),
    async isNamespaced(apiVersion, kind) {
      const found = findKind(await files.index(), apiVersion, kind);
      return found !== undefined && "type" in found ? found.namespaced : undefined;
    },
  };
}

async function checkObject(files: SchemaFiles, object: KubeObject): Promise<ObjectCheck> {
  const { apiVersion, kind } = object.view;
  const found = findKind(await files.index(), apiVersion, kind);
  if (found === undefined) return { status: "unchecked", problems: [] };
  if ("problem" in found) return { status: "checked", problems: [found.problem] };
  const types = await files.typesOf(found.type);
  const secret = apiVersion === "v1" && kind === "Secret";
  return { status: "checked", problems: checkFields(object.view, found.type, { types, secret }) };
}
