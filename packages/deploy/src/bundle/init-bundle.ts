import { access } from "node:fs/promises";
import path from "node:path";

import { type BundleModule, SchemaError, writeSchemaFor } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { openModule } from "../source/open-module.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { schemaOfInstances } from "./bundle-schema.ts";

/** The bundle to begin. */
export interface InitBundleRequest {
  readonly name: string;
  /** Its file, in YAML or JSON. */
  readonly file: string;
  /** Modules to have an instance of: `oci://…`, `file://…` or folders. */
  readonly modules: readonly string[];
  readonly creds?: string | undefined;
}

/** What was written. */
export interface InitializedBundle {
  readonly file: string;
  readonly schema: string;
  readonly instances: readonly string[];
}

/**
 * Begins the file of a bundle with an instance of each module, and writes its schema beside it.
 *
 * @throws SchemaError `SCHEMA_NAME_INVALID`, `SCHEMA_ALREADY_EXISTS`; as `openModule`, `moduleSchema`
 * and `writeSchemaFor`
 * @throws OciError, DeployError as `openModule`
 */
export async function initBundle(
  context: DeployContext,
  { name, file, modules, creds }: InitBundleRequest,
): Promise<InitializedBundle> {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    throw new SchemaError(
      "SCHEMA_NAME_INVALID",
      `Cannot begin bundle ${JSON.stringify(name)}: not a lower-case DNS name`,
      { hint: "Use letters, digits and dashes, such as my-shop" },
    );
  }
  if (await exists(file)) {
    throw new SchemaError(
      "SCHEMA_ALREADY_EXISTS",
      `Cannot begin bundle ${name}: ${file} exists already`,
      {
        hint: `Give another file, or name its schema in it with: tenon bundle show schema -f ${file} --for ${file}`,
      },
    );
  }
  const opened = await openAll(context, modules, creds);
  const schema = await schemaOfInstances(context, opened);
  const instances = opened.map((instance) => ({
    name: instance.name,
    module: referenceTo(instance.module, path.dirname(file)),
  }));
  const written = await writeSchemaFor(file, schema, bundleOf(name, instances));
  return { file, schema: written, instances: instances.map((instance) => instance.name) };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function openAll(
  context: DeployContext,
  locations: readonly string[],
  creds: string | undefined,
): Promise<{ name: string; module: VerifiedModule }[]> {
  const opened = new Map<string, VerifiedModule>();
  for (const location of locations) {
    const module = await openModule(context, { location, creds });
    opened.set(freeName(path.basename(module.repository), opened), module);
  }
  return [...opened].map(([name, module]) => ({ name, module }));
}

/** A name like that of the module, which no other instance has. */
function freeName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  const plain =
    wanted
      .toLowerCase()
      .replace(/[^-a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "") || "app";
  for (let count = 2, name = plain; ; count++) {
    if (!taken.has(name)) return name;
    name = `${plain}-${count}`;
  }
}

/** Relative URLs start from the folder of the bundle's file; folders have no version. */
function referenceTo({ repository, version }: VerifiedModule, dir: string): Partial<BundleModule> {
  if (repository.startsWith("oci://")) return { url: repository, version };
  const folder = path.isAbsolute(repository) ? repository : path.relative(dir, repository) || ".";
  return { url: `file://${folder}` };
}

function bundleOf(
  name: string,
  instances: readonly { readonly name: string; readonly module: Partial<BundleModule> }[],
): object {
  const entries = instances.map((instance) => [
    instance.name,
    { module: instance.module, namespace: name, values: {} },
  ]);
  const all = Object.fromEntries(entries) as object;
  return { bundle: { apiVersion: "v1alpha1", name, instances: all } };
}
