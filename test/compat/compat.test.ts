import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { createEngine } from "@tenon/cue-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { play } from "../scenarios/play.ts";
import { formatScenario, parseScenario } from "../scenarios/txtar.ts";
import { openTenonShell, type TenonShell } from "../support/tenon-shell.ts";
import { runWithRegistry } from "./with-registry.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const update = process.env["TENON_UPDATE_SCENARIOS"] === "1";
const names = (await readdir(folder)).filter((name) => name.endsWith(".txtar"));

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

    for (const name of names) {
      it(name.replace(".txtar", ""), async () => {
        const file = path.join(folder, name);
        const wanted = parseScenario(await readFile(file, "utf8"));
        const actual = await play(wanted, (script, options) =>
          runWithRegistry(shell, script, options),
        );
        if (update) await writeFile(file, formatScenario(actual));
        else expect(formatScenario(actual)).toBe(formatScenario(wanted));
      });
    }
  });
}
