// The program. Help and `version` are answered from the manifest before anything else is loaded.
import { readManifest } from "./load-manifest.ts";
import { quickAnswer } from "./quick-answer.ts";

/** Shells, `timeout` and package runners may send the same signal twice in a row. */
const sameSignalMs = 500;
let interruptedAt = 0;

const argv = process.argv.slice(2);
for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreBrokenPipe);

const manifest = readManifest();
const answer = manifest && quickAnswer(argv, manifest);
if (answer === undefined) await runProgram();
else process.stdout.write(answer);

async function runProgram(): Promise<void> {
  const controller = new AbortController();
  const [{ run }, { Interrupted, processIo }] = await Promise.all([
    import("./run.ts"),
    import("./io.ts"),
  ]);
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => interrupt(controller, new Interrupted()));
  }
  const code = await run(argv, processIo(controller.signal));
  await Promise.all([process.stdout, process.stderr].map(flush));
  // Idle connections and timers of libraries must not keep the shell waiting.
  process.exit(code);
}

/** The first signal ends what is going on, the second ends the process. */
function interrupt(controller: AbortController, reason: Error): void {
  if (controller.signal.aborted && Date.now() - interruptedAt > sameSignalMs) process.exit(130);
  if (controller.signal.aborted) return;
  interruptedAt = Date.now();
  controller.abort(reason);
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write("", () => resolve()));
}

/** `tenon apply … | head -1`: that nobody reads on is no reason to stop in the middle of the work. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
