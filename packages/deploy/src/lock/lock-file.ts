import { readFile } from "node:fs/promises";

import { type Digest, isDigest } from "@tenon/core";

import { DeployError } from "../errors.ts";

/** What the bundles of a folder were resolved to. */
export interface LockFile {
  /** By name. */
  readonly bundles: ReadonlyMap<string, LockedBundle>;
}

/** What a bundle was resolved to, each list sorted. */
export interface LockedBundle {
  readonly modules: readonly LockedModule[];
  /** CUE modules that its files and modules require, however far. */
  readonly cueModules: readonly LockedCueModule[];
}

/** A module of a bundle. */
export interface LockedModule {
  /** `oci://registry/repository`, as the bundle has it. */
  readonly module: string;
  /** The version, range or `latest` that the bundle has, with `@` and the digest where it has one. */
  readonly asked: string;
  readonly version: string;
  /** Of its manifest. */
  readonly digest: Digest;
}

/** A CUE module that something requires. */
export interface LockedCueModule {
  /** With its version: `example.com/lib@v0.1.0`. */
  readonly module: string;
  /** Of its manifest. */
  readonly digest: Digest;
}

const formatVersion = 1;
const mostBytes = 4 * 1024 * 1024;
const heading = `# What the bundles of this folder were resolved to. Keep it in version control;
# \`tenon bundle lock\` and \`tenon bundle update\` change it.
`;

/**
 * Reads a lock file; nothing where there is none.
 *
 * @throws DeployError `DEPLOY_LOCK_INVALID`
 */
export async function readLockFile(file: string): Promise<LockFile | undefined> {
  let content: Uint8Array;
  try {
    content = await readFile(file);
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw invalid(file, code);
  }
  if (content.length > mostBytes) throw invalid(file, "it is larger than 4 MiB");
  return parseLockFile(file, Buffer.from(content).toString("utf8"));
}

/**
 * Reads the text of a lock file.
 *
 * @throws DeployError `DEPLOY_LOCK_INVALID`
 */
export async function parseLockFile(file: string, text: string): Promise<LockFile> {
  const { parse } = await import("yaml");
  let json: unknown;
  try {
    json = parse(text, { maxAliasCount: 0 });
  } catch {
    throw invalid(file, "it is not YAML");
  }
  const { lockVersion, bundles } = recordOf(file, json, "the file");
  if (lockVersion !== formatVersion) {
    throw invalid(
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
export async function formatLockFile({ bundles }: LockFile): Promise<string> {
  const { stringify } = await import("yaml");
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
  throw invalid(file, `${what} is no map`);
}

function listOf(file: string, json: unknown, field: string): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw invalid(file, `${field} is no list`);
}

function textOf(file: string, json: unknown, field: string): string {
  if (typeof json === "string") return json;
  throw invalid(file, `a ${field} is missing, or no text`);
}

function digestOf(file: string, json: unknown): Digest {
  const text = textOf(file, json, "digest");
  if (isDigest(text)) return text;
  throw invalid(file, `${JSON.stringify(text.slice(0, 100))} is no digest`);
}

function invalid(file: string, reason: string): DeployError {
  return new DeployError("DEPLOY_LOCK_INVALID", `Cannot read lock file ${file}: ${reason}`, {
    hint: "Restore it from version control, or remove it and run `tenon bundle lock`",
  });
}
