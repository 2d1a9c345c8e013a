// Runs in a worker thread: imports a file and posts what it exports by default.
import { Console } from "node:console";
import { register } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

import { NotJsonError, printJson } from "./print-json.ts";

/** What the thread is given. */
export interface RunnerData {
  /** URL of the file. */
  readonly url: string;
  /** URL of the hooks of the loader. */
  readonly hooks: string;
}

/** What the thread posts. */
export type RunnerMessage =
  | { readonly json: string }
  | { readonly notJson: string; readonly path: readonly (string | number)[] }
  | { readonly failed: string; readonly stack: string };

const { url, hooks } = workerData as RunnerData;
// What the file logs must not get into what the command prints.
globalThis.console = new Console(process.stderr, process.stderr);
process.setSourceMapsEnabled(true);
register(hooks);
parentPort!.postMessage(await run());

async function run(): Promise<RunnerMessage> {
  try {
    const { default: value } = (await import(url)) as { readonly default?: unknown };
    if (value === undefined) return { notJson: "it has no default export", path: [] };
    return { json: printJson(value) };
  } catch (error) {
    if (error instanceof NotJsonError) return { notJson: error.message, path: error.path };
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { failed: message, stack: stack ?? "" };
  }
}
