import path from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const repoRoot: string = fileURLToPath(new URL("../..", import.meta.url));

/** The path of something in the checkout. */
export function repoPath(...names: string[]): string {
  return path.join(repoRoot, ...names);
}

/** The folder of a fixture of the end-to-end tests. */
export function fixture(name: string): string {
  return repoPath("test/e2e/fixtures", name);
}
