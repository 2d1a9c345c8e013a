import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { formatScenario, parseScenario, type Scenario } from "./txtar.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const tenon = fileURLToPath(new URL("../../packages/cli/bin/tenon.js", import.meta.url));
const update = process.env["TENON_UPDATE_SCENARIOS"] === "1";
const names = (await readdir(folder)).filter((name) => name.endsWith(".txtar"));

describe.concurrent("scenarios", () => {
  for (const name of names) {
    it(name.replace(".txtar", ""), async () => {
      const file = path.join(folder, name);
      const wanted = parseScenario(await readFile(file, "utf8"));
      const actual = await play(wanted);
      if (update) await writeFile(file, formatScenario(actual));
      else expect(formatScenario(actual)).toBe(formatScenario(wanted));
    });
  }
});

async function play(scenario: Scenario): Promise<Scenario> {
  const dir = await mkdtemp(path.join(tmpdir(), "tenon-scenario-"));
  try {
    for (const [name, content] of scenario.files) {
      await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
      await writeFile(path.join(dir, name), content);
    }
    return { ...scenario, ...(await run(scenario.command, dir)) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Runs the commands of a scenario in a shell that knows `tenon`. */
function run(command: string, cwd: string): Promise<Pick<Scenario, "stdout" | "stderr" | "exit">> {
  const script = `tenon() { "${process.execPath}" "${tenon}" "$@"; }\n${command}`;
  const env = { PATH: process.env["PATH"], HOME: cwd, XDG_CACHE_HOME: path.join(cwd, ".cache") };
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-c", script], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ stdout, stderr, exit: code ?? -1 }));
  });
}
