import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { runProcess } from "../support/run-process.ts";
import type { ShellOptions, ShellResult } from "../support/tenon-shell.ts";
import { tenonBin } from "../support/tenon.ts";
import { play } from "./play.ts";
import { formatScenario, parseScenario } from "./txtar.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const update = process.env["TENON_UPDATE_SCENARIOS"] === "1";
const names = (await readdir(folder)).filter((name) => name.endsWith(".txtar"));

describe.concurrent("scenarios", () => {
  for (const name of names) {
    it(name.replace(".txtar", ""), async () => {
      const file = path.join(folder, name);
      const wanted = parseScenario(await readFile(file, "utf8"));
      const actual = await play(wanted, shell);
      if (update) await writeFile(file, formatScenario(actual));
      else expect(formatScenario(actual)).toBe(formatScenario(wanted));
    });
  }
});

/** Runs the packed command line, in a process for each command. */
async function shell(script: string, options: ShellOptions): Promise<ShellResult> {
  const tenon = `tenon() { "${process.execPath}" "${tenonBin}" "$@"; }\n`;
  const { code, stdout, stderr } = await runProcess("bash", ["-c", tenon + script], options);
  return { stdout, stderr, exit: code };
}
