import path from "node:path";

import { type BundleModule, moduleSchema, resolveModuleUrl } from "@tenon/schema";
import pMap from "p-map";

import { moduleRequest } from "../bundle/module-request.ts";
import { readDeclaration } from "../bundle/read-declarations.ts";
import type { DeployContext } from "../context.ts";
import { openModule } from "../source/open-module.ts";
import { runTypeScript } from "./run-typescript.ts";
import { valuesType } from "./values-type.ts";

/** Which bundles to write types for. */
export interface ModuleTypesRequest {
  /** TypeScript files of bundles. */
  readonly files: readonly string[];
  readonly creds?: string | undefined;
}

/** Types for bundles in TypeScript. */
export interface ModuleTypes {
  /** The text of a declaration file. */
  readonly text: string;
  /** The modules that it has the values of, as the bundles name them. */
  readonly modules: readonly string[];
}

/**
 * Declares `defineBundle()` with the types of the values of all modules that bundles use. The bundles
 * are run to see which ones they are; they need not be right yet.
 *
 * @throws SchemaError as `runTypeScript` and `moduleSchema`
 * @throws OciError, DeployError as `openModule`
 */
export async function moduleTypes(
  context: DeployContext,
  { files, creds }: ModuleTypesRequest,
): Promise<ModuleTypes> {
  const used = (await Promise.all(files.map((file) => modulesOf(context, file)))).flat();
  const types = new Map<string, Set<string>>();
  const found = await pMap(
    new Map(used.map((module) => [JSON.stringify(module), module])).values(),
    async ({ url, module: wanted }) => {
      const module = await openModule(context, moduleRequest(wanted, creds));
      const json = await moduleSchema(context.engine, { module }, { signal: context.signal });
      return { url, type: valuesType(json, "    ") };
    },
    { concurrency: 4 },
  );
  for (const { url, type } of found) types.set(url, (types.get(url) ?? new Set()).add(type));
  const modules = [...types.keys()].toSorted();
  const members = modules.map(
    (url) => `    readonly ${JSON.stringify(url)}: ${[...types.get(url)!].join(" | ")};\n`,
  );
  return { text: declaration(members.join("")), modules };
}

interface UsedModule {
  /** As the bundle has it. */
  readonly url: string;
  /** With its URL from the current folder. */
  readonly module: Pick<BundleModule, "url"> & Partial<BundleModule>;
}

async function modulesOf(context: DeployContext, file: string): Promise<UsedModule[]> {
  const text = Buffer.from(await readDeclaration(file)).toString("utf8");
  const { json } = await runTypeScript(context, { name: file, text });
  const { instances = {} } = JSON.parse(json) as {
    readonly instances?: Readonly<Record<string, { readonly module?: Partial<BundleModule> }>>;
  };
  return Object.values(instances).flatMap(({ module = {} }) => {
    const { url } = module;
    if (typeof url !== "string") return [];
    return [{ url, module: { ...module, url: resolveModuleUrl(url, path.dirname(file)) } }];
  });
}

function declaration(modules: string): string {
  return `// Written by \`tenon types\`. Run it again when a module changes.

declare module "@tenon/bundle" {
  /** The values of modules, by the URL that bundles have. */
  interface Modules {
${modules}  }

  type ValuesOf<Url extends string> = Url extends keyof Modules
    ? Modules[Url]
    : { readonly [key: string]: unknown };

  interface Instance<Url extends string> {
    readonly module: {
      /** \`oci://registry/repository\`, or \`file://folder\` from the folder of this file. */
      readonly url: Url;
      /** @default "latest" */
      readonly version?: string;
      readonly digest?: string;
    };
    readonly namespace: string;
    /** Instances that are ready before this one is applied. */
    readonly dependsOn?: readonly string[];
    readonly values?: ValuesOf<NoInfer<Url>>;
    /** Changes of what the module renders, by \`Kind/name\` or \`Kind/namespace/name\`. */
    readonly patches?: { readonly [target: string]: { readonly [key: string]: unknown } };
  }

  interface InlineObjects {
    readonly namespace: string;
    readonly dependsOn?: readonly string[];
    readonly items: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly metadata: { readonly name: string; readonly [key: string]: unknown };
      readonly [key: string]: unknown;
    }[];
  }

  interface Wave<Name> {
    readonly name: string;
    readonly instances?: readonly Name[];
    readonly clusters?: readonly string[];
    /** How long it stays ready before the next wave starts, such as "5m". */
    readonly soak?: string;
  }

  interface Bundle<Urls extends { readonly [instance: string]: string }> {
    readonly apiVersion: "v1alpha1";
    readonly name: string;
    readonly instances: { readonly [Name in keyof Urls]: Instance<Urls[Name]> };
    /** Objects of no module, by the name of the instance that they are. */
    readonly objects?: { readonly [instance: string]: InlineObjects };
    readonly waves?: readonly Wave<keyof Urls>[];
  }

  /** A set of instances, declared together. */
  export function defineBundle<const Urls extends { readonly [instance: string]: string }>(
    bundle: Bundle<Urls>,
  ): Bundle<Urls>;
}
`;
}
