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
  "--no-pager",
  ...["-c", "safe.bareRepository=explicit"],
  ...["-c", "log.showSignature=false"],
  ...["-c", "core.fsmonitor=false"],
] as const;

/** Nothing is fetched either. */
const offline = { GIT_ALLOW_PROTOCOL: "none", GIT_NO_LAZY_FETCH: "1" } as const;

/** Asks git about the repository that a path lies in. Failures are silent; no program is run for it. */
export async function readGit(sources: AnnotationSources): Promise<GitFacts> {
  const cwd = await folderOf(sources.path);
  if (cwd === undefined) return {};
  const timeout = AbortSignal.timeout(budget);
  const signal =
    sources.signal === undefined ? timeout : AbortSignal.any([timeout, sources.signal]);
  const env = { ...sources.env, ...offline, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    try {
      const options = { cwd, env, signal, maxBuffer: 64 * 1024 };
      const { stdout } = await run("git", [...harmless, ...args], options);
      return stdout.trim();
    } catch {
      // No git, no repository, no commit, no remote: then there is nothing to annotate.
      return undefined;
    }
  };
  const [head, remote] = await Promise.all([
    git("log", "-1", "--format=%ct %H"),
    git("config", "--get", "remote.origin.url"),
  ]);
  const [commitTime, commit] = head?.split(" ") ?? [];
  return { commitTime, remote: withoutCredentials(remote), commit };
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
