import { type ProcessResult, runProcess } from "./run-process.ts";
import { cleanEnvironment } from "./tenon.ts";
import { toolPath } from "./tools.ts";

/** Password of the private keys of tests. */
export const keyPassword = "correct horse";

const insecure = ["--allow-http-registry", "--allow-insecure-registry"];
const commandFlags: Readonly<Record<string, readonly string[]>> = {
  sign: [...insecure, "--yes"],
  attest: [...insecure, "--yes"],
  verify: insecure,
};

/** Makes a signature with a key that is in no log. */
export const unlogged: readonly string[] = ["--use-signing-config=false", "--tlog-upload=false"];

/** Runs cosign where it reaches nothing but registries on this machine. */
export function cosign(
  [command = "", ...args]: readonly string[],
  cwd: string,
): Promise<ProcessResult> {
  const flags = commandFlags[command] ?? [];
  return runProcess(toolPath("TENON_TEST_COSIGN"), [command, ...flags, ...args], {
    cwd,
    env: {
      ...cleanEnvironment(),
      COSIGN_PASSWORD: keyPassword,
      HTTPS_PROXY: "http://127.0.0.1:9",
    },
  });
}
