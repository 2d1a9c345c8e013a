import { access, readFile, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { createEngine } from "@tenon/cue-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { play } from "../scenarios/play.ts";
import { formatScenario, parseScenario } from "../scenarios/txtar.ts";
import { repoPath } from "../support/repo.ts";
import { openTenonShell, type TenonShell } from "../support/tenon-shell.ts";
import { readRules } from "./rules.ts";
import { runWithRegistry } from "./with-registry.ts";

const update = process.env["TENON_UPDATE_SCENARIOS"] === "1";
const rules = await readRules(new URL("rules.md", import.meta.url));
const own = (await readdir(fileURLToPath(new URL(".", import.meta.url))))
  .filter((name) => name.endsWith(".txtar"))
  .map((name) => `test/compat/${name}`);
const elsewhere = rules
  .flatMap(({ places }) => places.map(({ path }) => path))
  .filter((path) => path.endsWith(".txtar"));

describe("every rule", () => {
  it("has an id of its own", () => {
    const ids = rules.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it("has a scenario in its words, and every scenario a rule", async () => {
    const shown = rules.filter(({ places, reason }) => places.length === 0 && !reason);
    const listed = shown.map(({ id, text }) => `${id}: ${text}`);
    const written = await Promise.all(
      own.map(async (file) => {
        const { about } = parseScenario(await readFile(repoPath(file), "utf8"));
        return `${idOf(file)}: ${about.replaceAll("\n", " ")}`;
      }),
    );
    expect(listed.toSorted()).toEqual(written.toSorted());
  });

  for (const { id, places } of rules.filter((rule) => rule.places.length > 0)) {
    it(`is shown where it says: ${id}`, async () => {
      for (const { path, title } of places) {
        await access(repoPath(path));
        if (title !== undefined) {
          expect(await readFile(repoPath(path), "utf8")).toContain(JSON.stringify(title));
        }
      }
    });
  }

  it("that does not hold yet says why", () => {
    const late = rules.filter(({ reason }) => reason !== undefined);
    expect(late.filter(({ reason }) => reason === "")).toEqual([]);
  });
});

for (const kind of update ? (["native"] as const) : (["native", "wasm"] as const)) {
  describe(`compatibility on the ${kind} engine`, () => {
    let close = (): Promise<void> => Promise.resolve();
    let shell: TenonShell;

    beforeAll(async () => {
      const engine = await createEngine({ kind, concurrency: 1 });
      shell = await openTenonShell(engine);
      close = async () => {
        await shell[Symbol.asyncDispose]();
        engine.close();
      };
    });
    afterAll(() => close());

    // Where they stand they run on the native engine.
    for (const file of kind === "native" ? own : [...own, ...new Set(elsewhere)]) {
      it(idOf(file), async () => {
        const wanted = parseScenario(await readFile(repoPath(file), "utf8"));
        const actual = await play(wanted, (script, options) =>
          runWithRegistry(shell, script, options),
        );
        if (update) await writeFile(repoPath(file), formatScenario(actual));
        else expect(formatScenario(actual)).toBe(formatScenario(wanted));
      });
    }
  });
}

function idOf(file: string): string {
  return file.replace(/^.*\//, "").replace(".txtar", "");
}
