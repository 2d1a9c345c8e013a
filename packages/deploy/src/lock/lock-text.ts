import { type Digest, isDigest } from "@tenon/core";
import { parse, stringify } from "yaml";

import {
  type LockFile,
  type LockedBundle,
  type LockedCueModule,
  type LockedModule,
  lockInvalid,
} from "./lock-file.ts";

const formatVersion = 1;
const heading = `# What the bundles of this folder were resolved to. Keep it in version control;
# \`tenon bundle lock\` and \`tenon bundle update\` change it.
`;

/**
 * Reads the text of a lock file.
 *
 * @throws DeployError `DEPLOY_LOCK_INVALID`
 */
export function parseLockFile(file: string, text: string): LockFile {
  let json: unknown;
  try {
    json = parse(text, { maxAliasCount: 0 });
  } catch {
    throw lockInvalid(file, "it is not YAML");
  }
  const { lockVersion, bundles } = recordOf(file, json, "the file");
  if (lockVersion !== formatVersion) {
    throw lockInvalid(
      file,
      `its lockVersion is ${JSON.stringify(lockVersion)} and not ${formatVersion}`,
    );
  }
  const read = listOf(file, bundles, "bundles").map((entry) => {
    const { name, modules = [], cueModules = [] } = recordOf(file, entry, "a bundle");
    const bundle: LockedBundle = {
      modules: listOf(file, modules, "modules").map((one) => readModule(file, one)),
      cueModules: listOf(file, cueModules, "cueModules").map((one) => readCueModule(file, one)),
    };
    return [textOf(file, name, "name"), bundle] as const;
  });
  return { bundles: new Map(read) };
}

/** Writes a lock file: sorted, so that the same content is the same text. */
export function formatLockFile({ bundles }: LockFile): string {
  const sorted = [...bundles].toSorted(([a], [b]) => compare(a, b));
  const json = {
    lockVersion: formatVersion,
    bundles: sorted.map(([name, { modules, cueModules }]) => ({
      name,
      modules: modules.toSorted(byName).map(({ module, asked, version, digest }) => {
        return { module, asked, version, digest };
      }),
      ...(cueModules.length > 0 && {
        cueModules: cueModules.toSorted(byName).map(({ module, digest }) => ({ module, digest })),
      }),
    })),
  };
  return heading + stringify(json, { lineWidth: 0 });
}

function byName(
  a: { readonly module: string; readonly asked?: string },
  b: { readonly module: string; readonly asked?: string },
): number {
  return compare(a.module, b.module) || compare(a.asked ?? "", b.asked ?? "");
}

/** The order of code units, which is the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function readModule(file: string, json: unknown): LockedModule {
  const { module, asked, version, digest } = recordOf(file, json, "a module");
  return {
    module: textOf(file, module, "module"),
    asked: textOf(file, asked, "asked"),
    version: textOf(file, version, "version"),
    digest: digestOf(file, digest),
  };
}

function readCueModule(file: string, json: unknown): LockedCueModule {
  const { module, digest } = recordOf(file, json, "a CUE module");
  return { module: textOf(file, module, "module"), digest: digestOf(file, digest) };
}

function recordOf(file: string, json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    return json as Record<string, unknown>;
  }
  throw lockInvalid(file, `${what} is no map`);
}

function listOf(file: string, json: unknown, field: string): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw lockInvalid(file, `${field} is no list`);
}

function textOf(file: string, json: unknown, field: string): string {
  if (typeof json === "string") return json;
  throw lockInvalid(file, `a ${field} is missing, or no text`);
}

function digestOf(file: string, json: unknown): Digest {
  const text = textOf(file, json, "digest");
  if (isDigest(text)) return text;
  throw lockInvalid(file, `${JSON.stringify(text.slice(0, 100))} is no digest`);
}
