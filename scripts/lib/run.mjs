import { spawn } from "node:child_process";

/**
 * Runs a command to its end and returns what it printed on stdout.
 * Throws with the tail of its output when it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, inherit?: boolean, input?: string }} [options]
 */
export function run(command, args, { cwd, env, inherit = false, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: inherit ? "inherit" : ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let all = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      all = (all + text).slice(-20_000);
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      all = (all + text).slice(-20_000);
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(input ?? "");
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${command} ${args.join(" ")}: ${signal ?? `exit ${code}`}\n${all}`));
    });
  });
}
