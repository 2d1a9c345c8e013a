import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import type { KubeObject } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";
import { type TestCase, maskSecrets, printObjects } from "@tenon/schema";

import { DeployError } from "../errors.ts";

/** What to compare with the snapshot of a case. */
export interface SnapshotRequest {
  readonly test: TestCase;
  readonly objects: readonly KubeObject[];
  /** Write it anew. */
  readonly update?: boolean | undefined;
  /** A missing snapshot is an error, and not written. */
  readonly isCi: boolean;
}

/**
 * Compares what was rendered with what it was: `snapshots/FILE.CASE.yaml` beside the test file. Data of
 * Secrets is masked in it.
 *
 * @throws DeployError `DEPLOY_TEST_FAILED` with the first line that differs
 */
export async function checkSnapshot(engine: Engine, request: SnapshotRequest): Promise<void> {
  const { test, objects, update, isCi } = request;
  const { dir, name } = path.parse(test.file.name);
  const file = path.join(
    dir,
    "snapshots",
    `${name}.${test.name.replaceAll(/[^\w.-]+/g, "-")}.yaml`,
  );
  const rendered = await printObjects(engine, objects.map(maskSecrets), "yaml");
  const known = await readFile(file, "utf8").catch(() => undefined);
  if (known === rendered) return;
  if (update === true || (known === undefined && !isCi)) {
    await mkdir(path.dirname(file), { recursive: true });
    return writeFile(file, rendered);
  }
  if (known === undefined) {
    throw new DeployError("DEPLOY_TEST_FAILED", `Case ${test.name} fails: it has no ${file}`, {
      hint: "Write it with tenon mod test --update, and keep it with the module",
    });
  }
  throw differs(test, { file, known, rendered });
}

function differs(
  test: TestCase,
  { file, known, rendered }: Readonly<Record<"file" | "known" | "rendered", string>>,
): DeployError {
  const [before, after] = [known.split("\n"), rendered.split("\n")];
  const at = before.findIndex((line, index) => line !== after[index]);
  const line = at < 0 ? before.length - 1 : at;
  const now = after[line];
  const text = now === undefined ? "nothing is rendered here" : `now it is ${JSON.stringify(now)}`;
  const position = { file, line: line + 1, column: 1, lineText: before[line] };
  return new DeployError(
    "DEPLOY_TEST_FAILED",
    `Case ${test.name} fails: it renders something else than ${file}`,
    {
      diagnostics: [{ text, positions: [position] }],
      hint: "If that is as it should be: tenon mod test --update",
    },
  );
}
