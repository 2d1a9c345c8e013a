import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

/** How a process ended and what it printed. */
export interface ProcessResult {
  /** The exit code, or -1 when a signal ended it. */
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a process. */
export interface RunOptions {
  readonly cwd?: string | undefined;
  /** The whole environment; that of the tests by default. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What it reads on stdin. */
  readonly input?: string | undefined;
  /** It is killed, which is a failure, when it runs for longer. */
  readonly timeoutMs?: number | undefined;
}

/** A process that runs. */
export interface RunningProcess {
  readonly child: ChildProcess;
  readonly result: Promise<ProcessResult>;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
}

/** Starts a process and collects what it prints. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): RunningProcess {
  const spawnOptions: SpawnOptions = { cwd: options.cwd, env: options.env ?? process.env };
  const child = spawn(command, args, { ...spawnOptions, stdio: ["pipe", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  child.stdin?.on("error", () => {});
  child.stdin?.end(options.input ?? "");
  const result = new Promise<ProcessResult>((resolve, reject) => {
    const { timeoutMs = 120_000 } = options;
    const timer = setTimeout(() => {
      const line = `${command} ${args.join(" ")}`;
      reject(new Error(`${line} still runs after ${timeoutMs} ms\n${text.stdout}${text.stderr}`));
      child.kill("SIGKILL");
    }, timeoutMs);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, signal, ...text });
    });
  });
  return { child, result, stdout: () => text.stdout, stderr: () => text.stderr };
}

/** Runs a process to its end, whatever its exit code. */
export function runProcess(
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<ProcessResult> {
  return startProcess(command, args, options).result;
}

/** Runs a process that must succeed and returns what it printed on stdout. */
export async function outputOf(
  command: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await runProcess(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${stdout}${stderr}`);
}
