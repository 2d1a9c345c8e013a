import path from "node:path";

import { inject } from "vitest";

import { repoPath } from "./repo.ts";
import {
  type ProcessResult,
  type RunOptions,
  type RunningProcess,
  startProcess,
} from "./run-process.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A home folder of the test run. */
    home: string;
  }
}

/** The packed command line; TENON_TEST_CLI names another one, such as an installed package. */
export const tenonBin: string =
  process.env["TENON_TEST_CLI"] || repoPath("packages/cli/bin/tenon.js");

/** How to run the command line. */
export interface TenonOptions extends Omit<RunOptions, "env"> {
  /** Added to a clean environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The Node to run it with; that of the tests by default. */
  readonly node?: string | undefined;
}

/** Runs the packed command line to its end. */
export function spawnTenon(
  args: readonly string[],
  options: TenonOptions = {},
): Promise<ProcessResult> {
  return startTenon(args, options).result;
}

/** Starts the packed command line. */
export function startTenon(args: readonly string[], options: TenonOptions = {}): RunningProcess {
  const { node = process.execPath, env, ...rest } = options;
  return startProcess(node, [tenonBin, ...args], {
    ...rest,
    env: { ...cleanEnvironment(), ...env },
  });
}

/** Runs the packed command line, which must succeed, and returns what it printed on stdout. */
export async function tenon(args: readonly string[], options?: TenonOptions): Promise<string> {
  const { code, stdout, stderr } = await spawnTenon(args, options);
  if (code === 0) return stdout;
  throw new Error(`tenon ${args.join(" ")} ended with ${code}\n${stdout}${stderr}`);
}

/** An environment in which nothing points at the user's clusters, registries and caches. */
export function cleanEnvironment(): Record<string, string | undefined> {
  const foreign =
    /^(TENON_|TIMONI_|CUE_|KUBE|DOCKER_|REGISTRY_|CONTAINERS_|XDG_|COSIGN_|SIGSTORE_|HTTPS?_PROXY$|NO_PROXY$|FORCE_COLOR$)/i;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const home = inject("home");
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    KUBECONFIG: path.join(home, "no-kubeconfig"),
    TENON_CACHE_DIR: path.join(home, "cache"),
    NO_COLOR: "1",
  };
}
