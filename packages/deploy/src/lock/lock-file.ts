import { readFile } from "node:fs/promises";

import type { Digest } from "@tenon/core";

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

const mostBytes = 4 * 1024 * 1024;
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
    throw lockInvalid(file, code);
  }
  if (content.length > mostBytes) throw lockInvalid(file, "it is larger than 4 MiB");
  const { parseLockFile } = await import("./lock-text.ts");
  return parseLockFile(file, Buffer.from(content).toString("utf8"));
}

/** The error of a lock file that cannot be read. */
export function lockInvalid(file: string, reason: string): DeployError {
  return new DeployError("DEPLOY_LOCK_INVALID", `Cannot read lock file ${file}: ${reason}`, {
    hint: "Restore it from version control, or remove it and run `tenon bundle lock`",
  });
}
