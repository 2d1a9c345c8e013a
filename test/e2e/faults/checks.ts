import { expect } from "vitest";

import type { ProcessResult } from "../../support/run-process.ts";
import { differences } from "./differences.ts";
import { filesWith } from "./files-with.ts";
import type { Lab } from "./lab.ts";
import { instanceRecordOf, recordTextOf } from "./records.ts";
import { type Mark, markKey } from "./second-actor.ts";
import { type Snapshot, foreignOf, isForeign, ownOf, snapshotOf } from "./snapshot.ts";

/** What has to hold at the end of a schedule. */
export interface EndOptions {
  /** What tenon has to have made, as an undisturbed run does. */
  readonly expected: Record<string, unknown>;
  /** Objects of others, as they were before. */
  readonly others: Snapshot;
  /** What a stranger has written beside the fields of tenon. */
  readonly marks: readonly Mark[];
}

/** A run ends by itself, or killed by us; when it fails, then with a coded error. */
export function checkProcess(lab: Lab, result: ProcessResult, killed: boolean): void {
  const { code, signal, stdout, stderr } = result;
  const output = stdout + stderr;
  expect(output, "the output has the secret").not.toContain(lab.word);
  expect(output).not.toMatch(/Unexpected failure|^\s+at .+:\d+:\d+\)?$|UnhandledPromise/m);
  if (killed && signal === "SIGKILL") return;
  expect(signal).toBeNull();
  if (code !== 0) expect(stderr, `an error with a code, as it ends with ${code}`).toMatch(coded);
}

const coded = /\[[A-Z]+(_[A-Z]+)+\]/;

/** All invariants: the render and nothing else, what others have, and no secret on disk. */
export async function checkEnd(lab: Lab, options: EndOptions): Promise<void> {
  const snapshot = await snapshotOf(lab);
  expect(differences(ownOf(snapshot, lab), options.expected), "not what was rendered").toEqual([]);
  expect(differences(foreignOf(snapshot), options.others), "objects of others").toEqual([]);
  for (const { id, uid } of options.marks) {
    const object = snapshot[id];
    // It may have been deleted and made anew since.
    if (object?.metadata.uid !== uid) continue;
    expect(object.metadata.annotations, `annotations of ${id}`).toHaveProperty([markKey], "yes");
  }
  const told = Object.values(snapshot).filter((object) => recordTextOf(object)?.includes(lab.word));
  expect(told, "records that have the secret").toEqual([]);
  expect(await filesWith(lab.word, lab.folders), "files that have the secret").toEqual([]);
}

/** At any time, each object of an instance is in the inventory of its record. */
export async function checkInventory(lab: Lab): Promise<void> {
  const snapshot = await snapshotOf(lab);
  const known = new Set(
    Object.values(snapshot).flatMap((object) => {
      const record = instanceRecordOf(object);
      const all = [record?.applied, record?.pending].flatMap((state) => state?.inventory ?? []);
      return all.map(({ kind, name }) => `${record?.name} ${kind}/${name}`);
    }),
  );
  const lost = Object.entries(snapshot).filter(([id, { metadata }]) => {
    const instance = metadata.labels?.["tenon.dev/instance"];
    return instance !== undefined && !isForeign(id) && !known.has(`${instance} ${id}`);
  });
  expect(
    lost.map(([id]) => id),
    "objects that are lost from the inventory",
  ).toEqual([]);
}

/** Two runs that both succeed lead to what one of them wanted. */
export async function checkOneOfBoth(
  lab: Lab,
  expected: readonly Record<string, unknown>[],
): Promise<void> {
  const own = ownOf(await snapshotOf(lab), lab);
  const all = expected.map((state) => differences(own, state));
  if (all.some((found) => found.length === 0)) return;
  expect(all, "the outcome of two runs at once is neither of the two").toEqual([[], []]);
}

/** A repeat has changed nothing. */
export function checkNoop(lab: Lab, succeeded: boolean): void {
  expect(succeeded, "a repeat succeeds").toBe(true);
  expect(lab.proxy.writes, "writes of a repeat").toEqual([]);
}
