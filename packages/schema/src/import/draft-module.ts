import type { Engine } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { nodeAt } from "../manifest/manifest-node.ts";
import type { ManifestSet } from "../manifest/read-manifests.ts";
import { createDraft, type Draft, type ValueTree } from "./draft.ts";
import { followNames } from "./follow-names.ts";
import { kindDefinitions } from "./kind-definition.ts";
import { liftAutoscaler } from "./lift/autoscaler.ts";
import { writeBytes } from "./lift/bytes.ts";
import { liftConfigMap } from "./lift/config-map.ts";
import { liftIngress } from "./lift/ingress.ts";
import { liftSecret } from "./lift/secret.ts";
import { liftService } from "./lift/service.ts";
import { liftVolumeClaim } from "./lift/storage.ts";
import { isWorkload, liftWorkload } from "./lift/workload.ts";
import { nameObjects } from "./object-names.ts";
import { hasOwnName, type InstancePlan, planInstance } from "./plan-instance.ts";
import { printConfig } from "./print-config.ts";
import { printInstance } from "./print-instance.ts";
import { printReadme } from "./print-readme.ts";
import { printTemplate } from "./print-template.ts";
import { printDebugValues, printImages, printValues } from "./print-values.ts";

/** The files of a module that renders given manifests. */
export interface ModuleDraft {
  /** The instance that they are. */
  readonly instance: InstancePlan;
  /** Texts by path; those that every new module has are not among them. */
  readonly files: ReadonlyMap<string, string>;
  /** Text of `README.md`, without the table of values. */
  readonly readme: string;
  /** Values of Secrets, which the module requires and does not hold. */
  readonly secrets: ValueTree;
  /** What deserves a look, for people. */
  readonly notes: readonly string[];
}

const lifters: Readonly<
  Record<string, (draft: Draft, manifest: Draft["manifests"][number]) => void>
> = {
  "v1/Service": liftService,
  "networking.k8s.io/v1/Ingress": liftIngress,
  "v1/PersistentVolumeClaim": liftVolumeClaim,
  "autoscaling/v1/HorizontalPodAutoscaler": liftAutoscaler,
  "autoscaling/v2/HorizontalPodAutoscaler": liftAutoscaler,
  "v1/ConfigMap": liftConfigMap,
  "v1/Secret": liftSecret,
};

/**
 * Writes a module whose templates are the manifests: with what is likely to differ between instances
 * as values, the manifests' own as defaults. Names, namespaces and labels follow the instance.
 */
export async function draftModule(
  engine: Engine,
  set: ManifestSet,
  options: { readonly name: string; readonly signal?: AbortSignal | undefined },
): Promise<ModuleDraft> {
  const { name, signal } = options;
  const draft = createDraft(planInstance(set, name), set.manifests);
  for (const manifest of set.manifests) followNames(draft, manifest);
  for (const manifest of set.manifests.filter(isWorkload)) liftWorkload(draft, manifest);
  for (const manifest of set.manifests) {
    writeBytes(draft, manifest);
    lifters[`${manifest.ref.apiVersion}/${manifest.ref.kind}`]?.(draft, manifest);
  }
  const files = await formatFiles(engine, await printFiles(draft), signal);
  const { plan: instance, secrets } = draft;
  const notes = [...draft.notes, ...fixedNames(draft)];
  return { instance, files, readme: printReadme(draft, name), secrets, notes };
}

async function printFiles(draft: Draft): Promise<Map<string, string>> {
  const definitions = kindDefinitions();
  const names = nameObjects(draft.manifests, draft.plan);
  const files = new Map<string, string>();
  files.set("templates/config.cue", printConfig(draft));
  files.set("templates/instance.cue", printInstance([...names.values()]));
  for (const [manifest, { file, definition }] of names) {
    const type = await definitions.find(manifest);
    files.set(`templates/${file}`, printTemplate(draft, manifest, { definition, type }));
  }
  files.set("values.cue", printValues(draft));
  if (draft.images.length > 0) files.set("images.cue", printImages(draft));
  if (Object.keys(draft.secrets).length > 0) files.set("debug_values.cue", printDebugValues(draft));
  return files;
}

async function formatFiles(
  engine: Engine,
  files: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const texts = [...files].map(([name, text]) => ({ name, content: Buffer.from(text) }));
  const formatted = await engine.formatCue(texts, { signal, label: "the new module" });
  return new Map(
    formatted.map((result, index) => {
      const { name } = texts[index]!;
      if (result.ok) return [name, result.text];
      throw new SchemaError("SCHEMA_BUILD_FAILED", `Cannot write ${name}: the CUE text is wrong`, {
        diagnostics: result.diagnostics,
        hint: "This is a defect of tenon; please report it with the manifest",
      });
    }),
  );
}

/** Objects that every instance would call the same, though they are not one for all. */
function fixedNames({ plan, manifests, texts }: Draft): string[] {
  return manifests.flatMap((manifest) => {
    const { ref, node } = manifest;
    const name = nodeAt(node, "metadata", "name");
    if (name === undefined || texts.has(name) || !hasOwnName(manifest)) return [];
    return [
      `${ref.kind} ${ref.name} has this name in every instance: it does not begin with ${plan.name}`,
    ];
  });
}
