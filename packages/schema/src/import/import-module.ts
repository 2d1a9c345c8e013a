import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import type { ObjectRef } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { configTable } from "../docs/config-table.ts";
import { insertConfigTable } from "../docs/insert-config-table.ts";
import { moduleConfig } from "../docs/module-config.ts";
import { SchemaError } from "../errors.ts";
import type { ManifestFile } from "../manifest/parse-documents.ts";
import { type ManifestSet, readManifests } from "../manifest/read-manifests.ts";
import { blueprintText } from "../module/init-module.ts";
import { moduleSchema } from "../module/module-schema.ts";
import { checkPlace, newModule } from "../module/new-module.ts";
import { type ModuleFiles, readFiles } from "../module/read-module.ts";
import { moduleSchemaFile, writeSchemaFile } from "../module/schema-file.ts";
import { vendorCore } from "../module/vendor-core.ts";
import { vendorK8s } from "../module/vendor-k8s.ts";
import { appendSelector } from "../render/cue-path.ts";
import { draftModule, type ModuleDraft } from "./draft-module.ts";
import type { ValueTree } from "./draft.ts";
import { commonName } from "./plan-instance.ts";
import { proveModule } from "./prove-module.ts";
import { checkSecretsFile, writeSecrets } from "./write-secrets.ts";

/** What to make a module of, and where. */
export interface ImportRequest {
  readonly files: readonly ManifestFile[];
  /** Name of the module; what most objects' names begin with unless given. */
  readonly name?: string | undefined;
  /** Parent of the module's folder. */
  readonly dir: string;
  /** Namespace of objects that name none; the one that most others are in unless given. */
  readonly namespace?: string | undefined;
  /** Values file to write with the values of Secrets, in YAML, JSON or CUE by its ending. */
  readonly secretsFile?: string | undefined;
}

/** A module that was made of manifests. */
export interface ImportedModule {
  readonly name: string;
  readonly path: string;
  /** The instance of the module that renders the manifests. */
  readonly instance: { readonly name: string; readonly namespace: string };
  readonly objects: readonly ObjectRef[];
  /** Fields that the module leaves out: those of the API server, and those that say nothing. */
  readonly dropped: readonly { readonly object: ObjectRef; readonly paths: readonly string[] }[];
  /** Paths of the values of Secrets: the module requires them and does not have them. */
  readonly secrets: readonly string[];
  /** What deserves a look, for people. */
  readonly notes: readonly string[];
}

/** Files that a module of manifests shares with every new one. */
const sharedFiles = ["cue.mod/module.cue", "timoni.cue", "timoni.ignore"];

/**
 * Makes a module of existing manifests and proves that it renders them as they are. The folder
 * appears whole or not at all.
 *
 * @throws SchemaError `SCHEMA_MANIFEST_INVALID`, `SCHEMA_NAME_INVALID`, `SCHEMA_ALREADY_EXISTS`, `SCHEMA_MODULE_NOT_FOUND`, `SCHEMA_IMPORT_FAILED`, `SCHEMA_FILE_INACCESSIBLE`
 */
export async function importModule(
  engine: Engine,
  request: ImportRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ImportedModule> {
  const set = await readManifests(request.files, { namespace: request.namespace });
  const place = { name: request.name ?? nameOf(set), dir: request.dir };
  await checkPlace(place);
  if (request.secretsFile !== undefined) await checkSecretsFile(request.secretsFile);
  const draft = await draftModule(engine, set, { name: place.name, ...options });
  const secrets = pathsOf(draft.secrets);
  const hasSecrets = secrets.length > 0;
  const created = await newModule(place, async (folder) => {
    await writeDraft(folder, place.name, draft);
    await vendorCore({ moduleDir: folder });
    await vendorK8s({ moduleDir: folder, signal: options.signal });
    const { files } = await readFiles(folder, options);
    const module = { root: path.join(place.dir, place.name), files };
    await proveModule(engine, { module, set, draft }, options);
    await describeModule(engine, folder, { module, readme: draft.readme }, options);
    if (request.secretsFile !== undefined && hasSecrets) {
      await writeSecrets(request.secretsFile, draft.secrets);
    }
  });
  return {
    name: place.name,
    path: created,
    instance: { name: draft.instance.name, namespace: draft.instance.namespace },
    objects: set.manifests.map(({ ref }) => ref),
    dropped: set.manifests.flatMap(({ ref, dropped }) =>
      dropped.length === 0 ? [] : [{ object: ref, paths: dropped }],
    ),
    secrets,
    notes: draft.notes,
  };
}

function nameOf({ manifests }: ManifestSet): string {
  const name = commonName(manifests);
  if (name !== undefined) return name;
  throw new SchemaError(
    "SCHEMA_NAME_INVALID",
    "Cannot name the module: the names of its objects do not say one",
    { hint: "Give a name with --name, such as my-app" },
  );
}

async function writeDraft(folder: string, name: string, { files }: ModuleDraft): Promise<void> {
  const shared = await Promise.all(
    sharedFiles.map(async (file) => [file, await blueprintText(file, name)] as const),
  );
  for (const [file, text] of [...shared, ...files]) {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

/** Writes what is said about the values: the README and the schema for editors. */
async function describeModule(
  engine: Engine,
  folder: string,
  { module, readme }: { readonly module: ModuleFiles; readonly readme: string },
  options: { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const table = configTable(await moduleConfig(engine, { module }, options));
  await writeFile(path.join(folder, "README.md"), insertConfigTable(readme, table, "README.md"));
  const schema = await moduleSchema(engine, { module }, options);
  await writeSchemaFile(path.join(folder, moduleSchemaFile), schema);
}

function pathsOf(tree: ValueTree, before = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const inner = appendSelector(before, key);
    return typeof value === "string" ? [inner] : pathsOf(value, inner);
  });
}
