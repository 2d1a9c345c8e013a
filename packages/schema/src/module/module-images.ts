import type { Engine } from "@tenon/cue-wasm";
import { cueSource } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { buildFailure } from "../render/build-failure.ts";
import type { ModuleFiles } from "./read-module.ts";

const imagesFile = "images.cue";

/**
 * The images that a module names in its `images.cue`, which is read alone: structs with a
 * `repository` and a `tag` or `digest`. A module without the file names none.
 *
 * @returns references, sorted, each once
 * @throws SchemaError `SCHEMA_BUILD_FAILED`, `SCHEMA_IMAGE_INVALID`
 */
export async function moduleImages(
  engine: Engine,
  module: ModuleFiles,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  const content = module.files.get(imagesFile);
  if (content === undefined) return [];
  const label = `${imagesFile} of module ${module.root}`;
  const packageName =
    /^package\s+(\w+)/m.exec(Buffer.from(content).toString("utf8"))?.[1] ?? "main";
  const result = await engine.evaluate(
    {
      source: cueSource(new Map([[imagesFile, content]])),
      package: packageName,
      outputs: [{ path: "values", encoding: "json" }],
    },
    { ...options, label },
  );
  if (!result.ok) {
    const { stage, diagnostics } = result;
    throw buildFailure({ stage, diagnostics, root: module.root, label, userFiles: [] });
  }
  const found = new Set<string>();
  collect(JSON.parse(result.outputs.get("values")?.text ?? "{}"), "values", found, label);
  return [...found].toSorted();
}

function collect(value: unknown, path: string, found: Set<string>, label: string): void {
  if (typeof value !== "object" || value === null) return;
  const { repository, tag, digest } = value as Record<string, unknown>;
  if (repository !== undefined && (tag !== undefined || digest !== undefined)) {
    found.add(referenceOf({ repository, tag, digest }, path, label));
    return;
  }
  for (const [key, child] of Object.entries(value)) collect(child, `${path}.${key}`, found, label);
}

function referenceOf(
  image: { repository: unknown; tag: unknown; digest: unknown },
  path: string,
  label: string,
): string {
  const { repository, tag = "", digest = "" } = image;
  if (typeof repository !== "string" || typeof tag !== "string" || typeof digest !== "string") {
    throw imageInvalid(label, path, "repository, tag and digest must be text");
  }
  if (repository === "") throw imageInvalid(label, path, "the repository is empty");
  const reference = `${repository}${tag === "" ? "" : `:${tag}`}${digest === "" ? "" : `@${digest}`}`;
  if (!/^[\w.:/@+-]+$/.test(reference)) {
    throw imageInvalid(label, path, `${JSON.stringify(reference)} is not an image reference`);
  }
  return reference;
}

function imageInvalid(label: string, path: string, reason: string): SchemaError {
  return new SchemaError("SCHEMA_IMAGE_INVALID", `Cannot read ${label}: ${path}: ${reason}`, {
    hint: 'Give each image as repository, tag and digest, such as repository: *"ghcr.io/org/app" | string',
  });
}
