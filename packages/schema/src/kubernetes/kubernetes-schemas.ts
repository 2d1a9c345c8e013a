import { fileURLToPath } from "node:url";

import type { KubeObject } from "@tenon/core";

import { type KubernetesApi, apiOf } from "./api-version.ts";
import type { ObjectProblem } from "./check-value.ts";
import { checkFields } from "./check-value.ts";
import type { Cel } from "./custom/cel.ts";
import { checkCustomResource } from "./custom/check-custom-resource.ts";
import type { Definitions } from "./custom/definitions.ts";
import { deprecationOf } from "./deprecations.ts";
import { type FieldType, kubernetesType, structuralType } from "./field-type.ts";
import { findKind } from "./find-kind.ts";
import { rules } from "./rules/index.ts";
import type { Fields } from "./rules/rule.ts";
import type { SchemaFiles } from "./schema-files.ts";
import { openSchemaFiles } from "./schema-files.ts";

/** What a check found. Kinds that are not Kubernetes' own, custom resources above all, are unchecked. */
export interface ObjectCheck {
  readonly status: "checked" | "unchecked";
  readonly problems: readonly ObjectProblem[];
}

/** What objects are compared with besides the API of Kubernetes. */
export interface CheckOptions {
  /** Custom resources that the same render defines. */
  readonly definitions?: Definitions | undefined;
  /** Reads expressions; without it they are taken as they are. */
  readonly cel?: Cel | undefined;
  /** Kubernetes version to check for; that of the schemas unless given. */
  readonly kubeVersion?: string | undefined;
}

/** The API of one Kubernetes version, read from generated files when needed. */
export interface KubernetesSchemas {
  /** The Kubernetes version, such as `1.36.3`. */
  version(): Promise<string>;
  /**
   * Compares an object with the API: unknown and missing fields, types, enums, duplicates, and what
   * the API server validates beyond its OpenAPI documents.
   */
  checkObject(object: KubeObject, options?: CheckOptions): Promise<ObjectCheck>;
  /** What the schema of an object's kind says of it; nothing where none is known. */
  typeOf(
    object: KubeObject,
    options?: Pick<CheckOptions, "definitions">,
  ): Promise<FieldType | undefined>;
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
    checkObject: (object, options = {}) => checkObject(files, object, options),
    typeOf: (object, { definitions } = {}) => typeOf(files, object, definitions),
    async isNamespaced(apiVersion, kind) {
      const found = findKind(await files.index(), apiVersion, kind);
      return found !== undefined && "type" in found ? found.namespaced : undefined;
    },
  };
}

async function typeOf(
  files: SchemaFiles,
  { view: { apiVersion, kind } }: KubeObject,
  definitions: Definitions | undefined,
): Promise<FieldType | undefined> {
  const custom = definitions?.find(apiVersion, kind);
  if (custom !== undefined) return "schema" in custom ? structuralType(custom.schema) : undefined;
  const found = findKind(await files.index(), apiVersion, kind);
  if (found === undefined || !("type" in found)) return undefined;
  return kubernetesType(await files.typesOf(found.type), { ref: found.type });
}

async function checkObject(
  files: SchemaFiles,
  object: KubeObject,
  { definitions, cel, kubeVersion }: CheckOptions,
): Promise<ObjectCheck> {
  const { apiVersion, kind } = object.view;
  const view = object.view as unknown as Fields;
  const custom = definitions?.find(apiVersion, kind);
  if (custom !== undefined) {
    const ofMetadata = await checkMetadataFields(files, view);
    if ("problem" in custom) return { status: "checked", problems: [custom.problem] };
    const { deprecation } = custom;
    const ofFields = checkCustomResource(view, custom, { cel });
    const more = deprecation === undefined ? [] : [deprecation];
    return { status: "checked", problems: [...ofMetadata, ...ofFields, ...more] };
  }
  const index = await files.index();
  const api = apiOf(index, kubeVersion);
  const found = findKind(index, apiVersion, kind, api);
  if (found === undefined) {
    return { status: "unchecked", problems: await checkMetadataFields(files, view) };
  }
  if ("problem" in found) return checked([found.problem], api);
  const types = await files.typesOf(found.type);
  const secret = apiVersion === "v1" && kind === "Secret";
  const problems = checkFields(view, found.type, { types, rules, cel, secret, api });
  return checked([...problems, ...deprecationOf(apiVersion, kind, api)], api);
}

/** Of a version that nothing is known of, everything may differ. */
function checked(problems: readonly ObjectProblem[], api: KubernetesApi): ObjectCheck {
  if (api.isKnown) return { status: "checked", problems };
  return {
    status: "checked",
    problems: problems.map((problem) => ({ ...problem, isWarning: true })),
  };
}

const objectMeta = "apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** The metadata of an object whose kind is not Kubernetes' own. */
async function checkMetadataFields(files: SchemaFiles, view: Fields): Promise<ObjectProblem[]> {
  const types = await files.typesOf(objectMeta);
  return checkFields({ metadata: view["metadata"] }, "metadata", {
    types: new Map([...types, ["metadata", { fields: { metadata: { ref: objectMeta } } }]]),
    rules,
    secret: false,
  });
}
