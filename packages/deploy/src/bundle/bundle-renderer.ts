import { type TenonError, isTenonError } from "@tenon/core";
import { inBundleFiles, placesInBundle } from "@tenon/schema";
import type { Bundle, BundleInstance } from "@tenon/schema";
import pMap from "p-map";

import { type PreparedInstance, prepareInstance } from "../apply/prepare-instance.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { atModule } from "../lock/at-module.ts";
import { openModule } from "../source/open-module.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import { warningsOnly } from "../trust/tag-event.ts";
import { instanceGraph } from "./graph.ts";
import { moduleRequest } from "./module-request.ts";
import { once } from "./once.ts";
import type { OpenedBundle } from "./open-bundle.ts";

/** Instances that are rendered at a time: the engine has few workers. */
const parallelRenders = 4;

/** How modules of a bundle are opened and rendered. */
export interface RenderOptions {
  readonly creds?: string | undefined;
  /** CUE package of the modules; `main` unless given. */
  readonly package?: string | undefined;
}

/**
 * Renders the instances of a bundle for its clusters. Each module is opened once, and what comes out
 * the same on two clusters is rendered once.
 */
export class BundleRenderer {
  readonly #context: DeployContext;
  readonly #options: RenderOptions;
  readonly #modules: Map<string, Promise<VerifiedModule>>;
  readonly #renders = new Map<string, Promise<PreparedInstance>>();

  constructor(context: DeployContext, options: RenderOptions = {}) {
    // What is rendered is counted by instance, not by module.
    this.#context = { ...context, onEvent: warningsOnly(context.onEvent) };
    this.#options = options;
    this.#modules = context.lock?.opened ?? new Map();
  }

  /**
   * Renders all instances for a cluster of this version. All that cannot be rendered are named. What
   * they declare to depend on is checked before any module is fetched.
   *
   * @throws SchemaError, OciError, DeployError as `openModule` and `prepareInstance`; DeployError
   * `DEPLOY_INSTANCES_INVALID` for several, `DEPLOY_DEPENDENCY_UNKNOWN`, `DEPLOY_DEPENDENCY_CYCLE`
   */
  async render({ bundle }: OpenedBundle, kubeVersion: string): Promise<PreparedInstance[]> {
    instanceGraph(bundle.name, bundle.instances);
    const results = await pMap(
      bundle.instances,
      (instance) =>
        this.#renderOnce(bundle.name, instance, kubeVersion).then(
          async (prepared) => ({ prepared: await withPlaces(bundle, prepared) }),
          async (error: unknown) => ({
            error: await inBundleFiles(bundle, instance.name, atModule(instance, error)),
            instance,
          }),
        ),
      { concurrency: parallelRenders },
    );
    this.#context.signal?.throwIfAborted();
    const failures = results.flatMap((result) => ("error" in result ? [result] : []));
    if (failures.length > 0) throw together(bundle.name, failures);
    return results.flatMap((result) => ("prepared" in result ? [result.prepared] : []));
  }

  async #renderOnce(
    bundle: string,
    instance: BundleInstance,
    kubeVersion: string,
  ): Promise<PreparedInstance> {
    const { name, namespace, values, patches } = instance;
    const wanted = moduleRequest(instance.module, this.#options.creds);
    const place = JSON.stringify(wanted);
    const module = await once(this.#modules, place, () => openModule(this.#context, wanted));
    const text = Buffer.from(values.content).toString("utf8");
    const key = JSON.stringify([place, name, namespace, text, patches, kubeVersion]);
    const request = {
      module,
      name,
      namespace,
      bundle,
      package: this.#options.package,
      kubeVersion,
      values: [values],
      patches,
    };
    return once(this.#renders, key, () => prepareInstance(this.#context, request));
  }
}

/** Warnings told at the user's file. */
async function withPlaces(bundle: Bundle, prepared: PreparedInstance): Promise<PreparedInstance> {
  const { rendered, desired } = prepared;
  const { name } = desired;
  const [warnings, doubts] = await Promise.all([
    placesInBundle(bundle, name, rendered.warnings),
    placesInBundle(bundle, name, rendered.doubts),
  ]);
  return { ...prepared, rendered: { ...rendered, warnings, doubts } };
}

function together(
  bundle: string,
  failures: readonly { readonly error: unknown; readonly instance: BundleInstance }[],
): unknown {
  const [first] = failures;
  if (failures.length === 1) return first!.error;
  const foreign = failures.find(({ error }) => !isTenonError(error));
  if (foreign !== undefined) return foreign.error;
  const errors = failures.map(({ error, instance }) => ({ error: error as TenonError, instance }));
  const names = errors.map(({ instance }) => instance.name).join(", ");
  return new DeployError(
    "DEPLOY_INSTANCES_INVALID",
    `Cannot build ${errors.length} instances of bundle ${bundle}: ${names}`,
    {
      diagnostics: errors.flatMap(({ error, instance }) =>
        error.diagnostics.length === 0
          ? [{ text: `${instance.name}: ${error.message}`, positions: [] }]
          : error.diagnostics.map((found) => ({
              ...found,
              text: `${instance.name}: ${found.text}`,
            })),
      ),
      hint: errors[0]!.error.hint,
      details: {
        errors: errors.map(({ error: { code, message }, instance: { name } }) => ({
          instance: name,
          code,
          message,
        })),
      },
      cause: new AggregateError(errors.map(({ error }) => error)),
    },
  );
}
