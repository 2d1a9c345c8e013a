import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const unzip = promisify(gunzip);

/** `index.json` of the generated folder: which kinds this Kubernetes version takes, and took once. */
export interface SchemaIndex {
  readonly kubernetes: string;
  /** Kinds by group version. */
  readonly served: ByKind<{ readonly type: string; readonly namespaced: boolean }>;
  /** Kinds that this Kubernetes version serves no more. */
  readonly removed: ByKind<RemovedKind>;
  /** Group versions that an API server serves only when told to. */
  readonly disabled: readonly string[];
  readonly history: History;
}

/** The version that removed a kind, and the group version to use instead. */
export interface RemovedKind {
  readonly since: string;
  readonly replacement?: string;
}

/** Minor Kubernetes versions that brought what the oldest known one does not have. */
export interface History {
  readonly oldest: string;
  /** By type. */
  readonly types: Readonly<Record<string, string>>;
  /** By type and field. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Fields that only versions before that of the schemas had, by type. */
  readonly gone: Readonly<Record<string, readonly string[]>>;
}

/** By group version and kind. */
export type ByKind<Value> = Readonly<Record<string, Readonly<Record<string, Value>>>>;

export type ScalarType =
  | "any"
  | "boolean"
  | "bytes"
  | "int-or-string"
  | "int32"
  | "int64"
  | "integer"
  | "micro-time"
  | "number"
  | "quantity"
  | "string"
  | "time";

export interface ListType {
  readonly items: ValueType;
  /** Fields that tell the elements apart, with the value that stands for an absent one. */
  readonly keys?: Readonly<Record<string, unknown>>;
  /** The elements are scalars and each may be there once. */
  readonly set?: boolean;
}

export type ValueType =
  | ScalarType
  | ListType
  | { readonly enum: readonly string[] }
  | { readonly values: ValueType }
  | { readonly ref: string };

export interface ObjectType {
  readonly fields: Readonly<Record<string, ValueType>>;
  readonly required?: readonly string[];
}

/** Object types by full name, such as `api.apps.v1.Deployment`. */
export type ObjectTypes = ReadonlyMap<string, ObjectType>;

export interface SchemaFiles {
  index(): Promise<SchemaIndex>;
  /** The type of this name, with all that it refers to. */
  typesOf(name: string): Promise<ObjectTypes>;
}

interface DefinitionFile {
  readonly imports: readonly string[];
  readonly types: Readonly<Record<string, ObjectType>>;
}

/** Reads the generated files of a folder, each once and only when it is needed. */
export function openSchemaFiles(dir: string): SchemaFiles {
  const types = new Map<string, ObjectType>();
  const loading = new Map<string, Promise<void>>();
  let index: Promise<SchemaIndex> | undefined;

  function load(file: string): Promise<void> {
    const known = loading.get(file);
    if (known !== undefined) return known;
    const started = loadFile(file);
    loading.set(file, started);
    return started;
  }

  async function loadFile(file: string): Promise<void> {
    const packed = await readFile(path.join(dir, "openapi", `${file}.json.gz`));
    const parsed = JSON.parse((await unzip(packed)).toString()) as DefinitionFile;
    for (const [name, type] of Object.entries(parsed.types)) types.set(`${file}.${name}`, type);
    // The imports of files never lead back.
    await Promise.all(parsed.imports.map(load));
  }

  return {
    index: () =>
      (index ??= readFile(path.join(dir, "index.json"), "utf8").then(
        (text) => JSON.parse(text) as SchemaIndex,
      )),
    async typesOf(name) {
      await load(name.slice(0, name.lastIndexOf(".")));
      return types;
    },
  };
}
