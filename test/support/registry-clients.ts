import { outputOf } from "./run-process.ts";
import { toolPath } from "./tools.ts";

/** Runs crane and returns what it printed on stdout. */
export function crane(...args: string[]): Promise<string> {
  return outputOf(toolPath("TENON_TEST_CRANE"), args);
}

/** Runs skopeo, which needs no policy file for this, and returns what it printed on stdout. */
export function skopeo(...args: string[]): Promise<string> {
  return outputOf(toolPath("TENON_TEST_SKOPEO"), ["--insecure-policy", ...args]);
}
