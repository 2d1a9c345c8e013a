import {
  type Impact,
  type SchemaChange,
  SchemaError,
  compareSchemas,
  moduleSchema,
} from "@tenon/schema";
import pMap from "p-map";

import type { DeployContext } from "../context.ts";
import { buildInstance } from "../render/build-instance.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { type Bump, bumpFor, bumped } from "./bump.ts";
import { type ObjectDifference, type RenderedVersion, compareObjects } from "./compare-objects.ts";
import type { ValuesSample } from "./read-corpus.ts";

/** Which versions of a module to compare, and with what. */
export interface CompareRequest {
  readonly before: VerifiedModule;
  readonly after: VerifiedModule;
  /** Values to render both with, beside their default values. */
  readonly samples: readonly ValuesSample[];
  /** Name and namespace of the instances that are rendered. */
  readonly name: string;
  readonly namespace: string;
  readonly package?: string | undefined;
}

/** What values give with two versions of a module. */
export interface SampleDifference {
  /** The values file; absent for the default values. */
  readonly values?: string | undefined;
  readonly objects: readonly ObjectDifference[];
  /** Why the version before does not render them. */
  readonly refusedBefore?: SchemaError | undefined;
  /** Why the version after does not. */
  readonly refusedAfter?: SchemaError | undefined;
}

/** What a new version of a module changes for those who use it. */
export interface ModuleDifference {
  readonly before: ComparedModule;
  readonly after: ComparedModule;
  readonly schema: readonly SchemaChange[];
  /** The default values, then the values files in their order. */
  readonly samples: readonly SampleDifference[];
  readonly bump: Bump;
  /** The version before after this bump, where it is known. */
  readonly nextVersion?: string | undefined;
}

/** A module that was compared. */
export type ComparedModule = Pick<VerifiedModule, "name" | "repository" | "version" | "digest">;

/** Instances that are rendered at a time: the engine has few workers. */
const parallelRenders = 4;

/**
 * Compares two versions of a module: the schemas of their values, and what they render with default
 * values and with given ones.
 *
 * @throws SchemaError `SCHEMA_BUILD_FAILED` for a module of which there is no schema
 * @throws DeployError `DEPLOY_NAME_INVALID`
 */
export async function compareModules(
  context: DeployContext,
  request: CompareRequest,
): Promise<ModuleDifference> {
  const { before, after, samples } = request;
  const [old, young] = await Promise.all(
    [before, after].map((module) =>
      moduleSchema(
        context.engine,
        { module, package: request.package },
        { signal: context.signal },
      ),
    ),
  );
  const schema = compareSchemas(old ?? "{}", young ?? "{}");
  const compared = await pMap(
    [undefined, ...samples],
    (sample) => compareSample(context, request, sample),
    { concurrency: parallelRenders },
  );
  const known = before.digest === "unknown" ? undefined : before.version;
  const impacts = [...schema.map(({ impact }) => impact), ...compared.flatMap(impactsOf)];
  const bump = bumpFor(impacts, known);
  return {
    before: comparedModule(before),
    after: comparedModule(after),
    schema,
    samples: compared,
    bump,
    nextVersion: known && bumped(known, bump),
  };
}

/** What the differences of a sample mean. Values that no version takes tell nothing. */
export function impactsOf({ objects, refusedBefore, refusedAfter }: SampleDifference): Impact[] {
  if (refusedBefore !== undefined) return refusedAfter === undefined ? ["feature"] : [];
  return refusedAfter === undefined ? objects.map(({ impact }) => impact) : ["breaking"];
}

async function compareSample(
  context: DeployContext,
  request: CompareRequest,
  sample: ValuesSample | undefined,
): Promise<SampleDifference> {
  const [before, after] = await Promise.all([
    render(context, request, { module: request.before, sample }),
    render(context, request, { module: request.after, sample }),
  ]);
  const isRendered = !(before instanceof SchemaError) && !(after instanceof SchemaError);
  return {
    values: sample?.name,
    objects: isRendered ? compareObjects(before, after) : [],
    ...(before instanceof SchemaError && { refusedBefore: before }),
    ...(after instanceof SchemaError && { refusedAfter: after }),
  };
}

/** Renders a sample, or tells why the module refuses it. */
async function render(
  context: DeployContext,
  { name, namespace, package: packageName }: CompareRequest,
  of: { readonly module: VerifiedModule; readonly sample: ValuesSample | undefined },
): Promise<RenderedVersion | SchemaError> {
  const { module, sample } = of;
  // What is rendered is told by values file.
  const silent = { ...context, onEvent: undefined };
  const values = sample?.values;
  const request = { module, name, namespace, package: packageName, values };
  try {
    const { sets } = await buildInstance(silent, request);
    return { version: module.version, objects: sets.flatMap(({ objects }) => objects) };
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
}

function comparedModule({ name, repository, version, digest }: VerifiedModule): ComparedModule {
  return { name, repository, version, digest };
}
