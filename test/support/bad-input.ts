import { cp } from "node:fs/promises";

import { expect } from "vitest";

import { readTree } from "./read-tree.ts";
import { fixture } from "./repo.ts";
import { tempDir } from "./temp-dir.ts";
import { spawnTenon } from "./tenon.ts";

/** Files to write beside the module `m`, and over its own; undefined removes one. */
export type Files = Readonly<Record<string, string | undefined>>;

/** What a command line that must fail runs with. */
export interface FailureOptions {
  readonly files?: Files;
  /** The fixture that `m` is a copy of; `small` by default. */
  readonly module?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Texts to replace in the report: addresses, and names that are new each time. */
  readonly replace?: Readonly<Record<string, string>>;
}

/**
 * Runs a command line in a folder with the module `m` and returns its exit code and all that it
 * printed on stderr. It has to print nothing on stdout and to leave every file as it was.
 */
export async function failureOf(
  args: readonly string[],
  options: FailureOptions = {},
): Promise<string> {
  await using dir = await tempDir();
  await cp(fixture(options.module ?? "small"), dir.file("m"), { recursive: true });
  for (const [name, text] of Object.entries(options.files ?? {})) {
    if (text === undefined) await dir.remove(name);
    else await dir.write({ [name]: text });
  }
  const before = await readTree(dir.path);
  const { env, input } = options;
  const { code, stdout, stderr } = await spawnTenon([...args, "-q"], { cwd: dir.path, env, input });
  expect(stdout).toBe("");
  expect(await readTree(dir.path)).toEqual(before);
  expect(code, "it has to fail").not.toBe(0);
  const known = { [dir.path]: "DIR", ...options.replace };
  let report = stderr;
  for (const [text, name] of Object.entries(known)) report = report.replaceAll(text, name);
  return `exit ${code}\n${report}`;
}
