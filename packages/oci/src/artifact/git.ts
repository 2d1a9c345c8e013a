import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

import type { AnnotationSources } from "./annotations.ts";

/** What git knows of a source; nothing where there is no repository or no git. */
export interface GitFacts {
  readonly commitTime?: string | undefined;
  readonly remote?: string | undefined;
  readonly commit?: string | undefined;
}

const budget = 10_000;
const run = promisify(execFile);

/**
 * What a repository may not have git do: it can have come with what somebody else published, and its
 * configuration names programs.
 */
const harmless = [
  "safe.bareRepository=explicit",
  "log.showSignature=false",
  "core.fsmonitor=false",
];

/** Nothing is fetched either. */
const offline = { GIT_ALLOW_PROTOCOL: "none", GIT_NO_LAZY_FETCH: "1" } as const;

/** Asks git about the repository that a path lies in. Failures are silent; no program is run for it. */
export async function readGit(sources: AnnotationSources): Promise<GitFacts> {
  const git = await gitIn(sources);
  const [head, remote] = await Promise.all([
    git("log", "-1", "--format=%ct %H"),
    git("config", "--get", "remote.origin.url"),
  ]);
  const [commitTime, commit] = head?.trim().split(" ") ?? [];
  return { commitTime, remote: withoutCredentials(remote?.trim()), commit };
}

/** What the last commit has in a folder; paths are relative to it. */
export interface Committed {
  /** Object names of its files by their path. */
  readonly files: ReadonlyMap<string, string>;
  /** Paths of links and submodules, whose content is not known. */
  readonly opaque: ReadonlySet<string>;
}

/** Asks git what the last commit has in a folder. */
export async function readCommitted(sources: AnnotationSources): Promise<Committed> {
  const git = await gitIn(sources);
  const lines = ((await git("ls-tree", "-r", "-z", "HEAD")) ?? "").split("\0");
  const files = new Map<string, string>();
  const opaque = new Set<string>();
  for (const line of lines) {
    const [, mode, name, path] = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    if (mode === undefined || name === undefined || path === undefined) continue;
    if (mode.startsWith("100")) files.set(path, name);
    else opaque.add(path);
  }
  return { files, opaque };
}

type Git = (...args: readonly string[]) => Promise<string | undefined>;

/** Runs git where a path lies. It gives nothing without git, a repository or what is asked for. */
async function gitIn(sources: AnnotationSources): Promise<Git> {
  const cwd = await folderOf(sources.path);
  if (cwd === undefined) return () => Promise.resolve(undefined);
  const timeout = AbortSignal.timeout(budget);
  const signal =
    sources.signal === undefined ? timeout : AbortSignal.any([timeout, sources.signal]);
  const env = { ...sources.env, ...offline, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };
  const settings = harmless.flatMap((setting) => ["-c", setting]);
  const options = { cwd, env, signal, maxBuffer: 64 * 1024 * 1024 };
  return async (...args) => {
    try {
      return (await run("git", [...settings, "--no-pager", ...args], options)).stdout;
    } catch {
      return undefined;
    }
  };
}

/** The address of a repository without the user and password, which those who build often put in. */
function withoutCredentials(remote: string | undefined): string | undefined {
  return remote?.replace(/^(https?:\/\/)[^/?#]*@/i, "$1");
}

async function folderOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return (await stat(path)).isDirectory() ? path : dirname(path);
  } catch {
    return undefined;
  }
}
