import type { Io } from "./io.ts";
import { run } from "./run.ts";

/** What a command printed and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test sets up. */
export interface FakeIoOptions {
  readonly env?: Io["env"];
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  readonly isTTY?: boolean;
}

/** Runs a command line in this process and collects what it prints. For tests. */
export async function runFake(
  argv: readonly string[],
  options: FakeIoOptions = {},
): Promise<Outcome> {
  const { io, stdout, stderr } = fakeIo(options);
  return { code: await run(argv, io), stdout: stdout.join(""), stderr: stderr.join("") };
}

/** Streams that keep what is written to them. */
export function fakeIo(options: FakeIoOptions = {}): {
  io: Io;
  stdout: string[];
  stderr: string[];
} {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const { isTTY = false } = options;
  const sink = (into: string[]): Io["stdout"] => ({
    isTTY,
    columns: 80,
    write: (text) => void into.push(text),
  });
  const io: Io = {
    stdout: sink(stdout),
    stderr: sink(stderr),
    stdin: () => Promise.resolve(Buffer.from(options.stdin ?? "")),
    stdinIsTTY: false,
    readLine: () => Promise.resolve(options.stdin?.split("\n")[0] ?? ""),
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
  };
  return { io, stdout, stderr };
}
