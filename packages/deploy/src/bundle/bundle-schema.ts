import { bundleJsonSchema, moduleSchema } from "@tenon/schema";
import pMap from "p-map";

import type { DeployContext } from "../context.ts";
import { withLock } from "../lock/with-lock.ts";
import { openModule } from "../source/open-module.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { moduleRequest } from "./module-request.ts";
import { once } from "./once.ts";
import { type BundleRequest, openBundle } from "./open-bundle.ts";

const parallelModules = 4;

/** Which bundle, and how its modules are reached. */
export interface BundleSchemaRequest extends BundleRequest {
  readonly creds?: string | undefined;
}

/**
 * The JSON Schema (draft 2020-12) of a bundle's file, in which the values of each instance are those of
 * its module.
 *
 * @returns compact JSON text
 * @throws SchemaError, OciError, DeployError as `openBundle`, `openModule` and `moduleSchema`
 */
export async function bundleSchema(
  unlocked: DeployContext,
  request: BundleSchemaRequest,
): Promise<string> {
  const context = await withLock(unlocked, request);
  const opened = await openBundle(context, request);
  const modules = new Map<string, Promise<VerifiedModule>>();
  const instances = await pMap(
    opened.flatMap(({ bundle }) => bundle.instances),
    async (instance) => {
      const wanted = moduleRequest(instance.module, request.creds);
      const open = (): Promise<VerifiedModule> => openModule(context, wanted);
      return { name: instance.name, module: await once(modules, JSON.stringify(wanted), open) };
    },
    { concurrency: parallelModules },
  );
  return schemaOfInstances(context, instances);
}

/**
 * The JSON Schema of the file of a bundle with instances of these modules.
 *
 * @throws SchemaError as `moduleSchema`
 */
export async function schemaOfInstances(
  { engine, signal }: DeployContext,
  instances: readonly { readonly name: string; readonly module: VerifiedModule }[],
): Promise<string> {
  const schemas = new Map<VerifiedModule, string>();
  for (const { module } of instances) {
    if (schemas.has(module)) continue;
    schemas.set(module, await moduleSchema(engine, { module }, { signal }));
  }
  const byName = instances.map(({ name, module }) => [name, schemas.get(module)!] as const);
  return bundleJsonSchema(engine, new Map(byName), { signal });
}
