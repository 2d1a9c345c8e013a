import { run } from "@tenon/cli";
import type { Engine } from "@tenon/cue-wasm";

/** What a command line gave. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function runInProcess(
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly engine: Engine },
): Promise<Printed> {
  const printed = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof printed) => ({
    isTTY: false,
    columns: 80,
    write: (text: string) => void (printed[name] += text),
  });
  const io = {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    stdin: () => Promise.resolve(Buffer.from("")),
    stdinIsTTY: false,
    readLine: () => Promise.resolve(""),
    env: options.env,
    signal: new AbortController().signal,
  };
  const code = await run(args, io, { engine: options.engine });
  return { code, ...printed };
}
