import type { Diagnostic } from "@tenon/core";
import type { Engine, ValueSource } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import type { ManifestSet } from "../manifest/read-manifests.ts";
import { type ModuleFiles, requireFiles } from "../module/read-module.ts";
import { renderInstance } from "../render/render-instance.ts";
import { compareObjects } from "./compare-objects.ts";
import type { ModuleDraft } from "./draft-module.ts";

/**
 * Proves that a module renders manifests as they are with its default values, and with those of
 * their Secrets where it requires them.
 *
 * @throws SchemaError `SCHEMA_IMPORT_FAILED` with the differences, or with why it does not build
 */
export async function proveModule(
  engine: Engine,
  proof: { readonly module: ModuleFiles; readonly set: ManifestSet; readonly draft: ModuleDraft },
  options: { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { module, set, draft } = proof;
  const { name, namespace } = draft.instance;
  const values = secretValues(draft);
  const request = { module: requireFiles(module), name, namespace, values };
  const rendered = await renderInstance(engine, request, options).catch((error: unknown) => {
    if (!(error instanceof SchemaError)) throw error;
    throw importFailed(module, {
      reason: "the module does not build",
      diagnostics: error.diagnostics.map(withoutSecrets),
      cause: error,
    });
  });
  const objects = rendered.sets.flatMap((resources) => resources.objects);
  const diagnostics = compareObjects(set.manifests, objects);
  if (diagnostics.length === 0) return;
  throw importFailed(module, {
    reason: "the module does not render what the manifests are",
    diagnostics,
  });
}

const secretsName = "secrets.json";

/** A line of the values of Secrets holds them all. */
function withoutSecrets(diagnostic: Diagnostic): Diagnostic {
  const positions = diagnostic.positions.filter(({ file }) => file !== secretsName);
  return { ...diagnostic, positions };
}

function secretValues({ secrets }: ModuleDraft): ValueSource[] {
  if (Object.keys(secrets).length === 0) return [];
  const content = Buffer.from(JSON.stringify({ values: secrets }));
  return [{ name: secretsName, kind: "json", content }];
}

function importFailed(
  { root }: ModuleFiles,
  failure: {
    readonly reason: string;
    readonly diagnostics: readonly Diagnostic[];
    readonly cause?: unknown;
  },
): SchemaError {
  const { reason, ...rest } = failure;
  return new SchemaError("SCHEMA_IMPORT_FAILED", `Cannot create module ${root}: ${reason}`, {
    ...rest,
    hint: "Nothing was written. Import without the objects that are named here, and add them by hand",
  });
}
