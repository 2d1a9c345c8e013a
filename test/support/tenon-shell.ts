import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";

import { run, type Io } from "@tenon/cli";
import type { Engine } from "@tenon/cue-wasm";

import { runProcess } from "./run-process.ts";
import { tempDir } from "./temp-dir.ts";

/** A shell in which `tenon` is a function of this process: no command starts a process or an engine. */
export interface TenonShell extends AsyncDisposable {
  /** Runs a bash script. */
  run(script: string, options: ShellOptions): Promise<ShellResult>;
}

/** Where and with what a script runs. */
export interface ShellOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the commands of a script printed and how the last one ended. */
export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

// Bash hands over what only it knows, with as few processes as can be, and waits for the exit code.
const tenonFunction = `tenon() {
  local job="$TENON_JOBS/$BASHPID.$SRANDOM" code printed
  printf '%s\\0' "$PWD" "$@" >"$job.words"
  env -0 >"$job.env"
  if [[ " $* " == *" - "* ]]; then cat >"$job.stdin"; else : >"$job.stdin"; fi
  exec {socket}<>"/dev/tcp/127.0.0.1/$TENON_PORT"
  echo "$job" >&"$socket"
  read -r code <&"$socket"
  exec {socket}>&-
  mapfile -d '' -t printed <"$job.stdout"; printf '%s' "\${printed[@]}"
  mapfile -d '' -t printed <"$job.stderr"; printf '%s' "\${printed[@]}" >&2
  return "$code"
}
`;

/**
 * Opens a shell. Its commands share an engine and change the working folder of the process: run one
 * script at a time.
 */
export async function openTenonShell(engine: Engine): Promise<TenonShell> {
  const jobs = await tempDir();
  let last = Promise.resolve();
  const server = createServer((socket) => {
    createInterface({ input: socket }).once("line", (job) => {
      last = last.then(() => answer(socket, job, engine));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    async run(script, { cwd, env }) {
      const { code, stdout, stderr } = await runProcess("bash", ["-c", tenonFunction + script], {
        cwd,
        env: { ...env, TENON_JOBS: jobs.path, TENON_PORT: String(port) },
      });
      return { stdout, stderr, exit: code };
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await jobs[Symbol.asyncDispose]();
    },
  };
}

async function answer(socket: Socket, job: string, engine: Engine): Promise<void> {
  const before = process.cwd();
  try {
    const [cwd = "", ...args] = await wordsOf(`${job}.words`);
    process.chdir(cwd);
    socket.end(`${await runJob(job, args, engine)}\n`);
  } catch (error) {
    await writeFile(`${job}.stdout`, "");
    await writeFile(`${job}.stderr`, `${String(error)}\n`);
    socket.end("70\n");
  } finally {
    process.chdir(before);
  }
}

async function runJob(job: string, args: readonly string[], engine: Engine): Promise<number> {
  const env = (await wordsOf(`${job}.env`)).map((line) => line.split(/=(.*)/s).slice(0, 2));
  const stdin = await readFile(`${job}.stdin`);
  const stdout: string[] = [];
  const stderr: string[] = [];
  const sink = (into: string[]): Io["stdout"] => ({
    isTTY: false,
    columns: 80,
    write: (text) => void into.push(text),
  });
  const io: Io = {
    stdout: sink(stdout),
    stderr: sink(stderr),
    stdin: () => Promise.resolve(stdin),
    stdinIsTTY: false,
    readLine: () => Promise.resolve(stdin.toString().split("\n")[0] ?? ""),
    env: Object.fromEntries(env) as Record<string, string>,
    signal: new AbortController().signal,
  };
  const code = await run(args, io, { engine });
  await writeFile(`${job}.stdout`, stdout.join(""));
  await writeFile(`${job}.stderr`, stderr.join(""));
  return code;
}

/** The words of a file, each ended by a NUL. */
async function wordsOf(file: string): Promise<string[]> {
  return (await readFile(file, "utf8")).split("\0").slice(0, -1);
}
