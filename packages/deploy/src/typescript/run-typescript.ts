import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import type { Diagnostic, Position } from "@tenon/core";
import { SchemaError, hideNeighbours } from "@tenon/schema";
import type { Program } from "oxc-parser";

import { assets } from "../assets.ts";
import type { DeployContext } from "../context.ts";
import { literalPlace } from "./literal-place.ts";
import { offsetPosition } from "./offset-position.ts";
import type { RunnerData, RunnerMessage } from "./runner.ts";

/** What a TypeScript file exports by default. */
export interface TypeScriptValue {
  /** Its JSON text, on one line. */
  readonly json: string;
  /** Where the value at a path of it is written in the file. */
  readonly placeOf: (keys: readonly (string | number)[]) => Position;
}

/**
 * Runs a TypeScript file in a thread of its own, with the types stripped and not checked, and takes
 * its default export, which must be a plain JSON value.
 *
 * @param name path of the file, as the user knows it
 * @throws SchemaError `SCHEMA_BUNDLE_INVALID`, with the place in the file
 */
export async function runTypeScript(
  { env, signal, limits }: DeployContext,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<TypeScriptValue> {
  const program = await parse(name, text);
  const placeOf = (keys: readonly (string | number)[]): Position =>
    offsetPosition(name, text, literalPlace(program, keys));
  const data: RunnerData = {
    url: pathToFileURL(name).href,
    hooks: new URL("typescript-hooks.js", assets.typescriptRunner).href,
  };
  const answer = await inThread(data, { env, signal, limits, name });
  if ("json" in answer) return { json: answer.json, placeOf };
  if ("notJson" in answer) throw failed(name, answer.notJson, { at: placeOf(answer.path) });
  const { text: reason, at } = await thrown(answer, name);
  throw failed(name, reason, { at });
}

async function parse(name: string, text: string): Promise<Program> {
  const parser = await import("oxc-parser");
  const { program, errors } = parser.parseSync(name, text, { sourceType: "module" });
  const [error] = errors;
  if (error === undefined) return program;
  const at = offsetPosition(name, text, error.labels[0]?.start ?? 0);
  throw failed(name, error.message, { at });
}

function inThread(
  data: RunnerData,
  {
    env,
    signal,
    limits,
    name,
  }: Pick<DeployContext, "env" | "signal" | "limits"> & { name: string },
): Promise<RunnerMessage> {
  const worker = new Worker(assets.typescriptRunner, {
    workerData: data,
    env: { ...env },
    execArgv: ["--no-warnings"],
    ...(limits && { resourceLimits: { maxOldGenerationSizeMb: limits.memoryMiB } }),
  });
  const deadline = limits && AbortSignal.timeout(limits.deadlineMs);
  return new Promise<RunnerMessage>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", (error) => reject(threadFailure(error, name, limits)));
    worker.once("exit", () => reject(failed(name, "it ended its thread before it gave a bundle")));
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    deadline?.addEventListener("abort", () => {
      const hint = "Raise the limit with --eval-timeout";
      reject(failed(name, `it took longer than ${limits!.deadlineMs / 1000} s`, { hint }));
    });
  }).finally(() => worker.terminate());
}

function threadFailure(error: Error, name: string, limits: DeployContext["limits"]): SchemaError {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ERR_WORKER_OUT_OF_MEMORY") return failed(name, error.message);
  const hint = "Raise the limit with --eval-memory";
  return failed(name, `it needs more than ${limits?.memoryMiB} MiB of memory`, { hint });
}

/** The place that an error was thrown at, the innermost that is in a file of the user. */
async function thrown(
  { failed: text, stack }: Extract<RunnerMessage, { failed: string }>,
  name: string,
): Promise<{ readonly text: string; readonly at?: Position }> {
  const placed = /^(\/[^\n]*?):(\d+):(\d+): (.*)$/s.exec(text);
  const frame =
    /^ +at (?:.* \()?((?:file:\/\/)?\/(?!.*\/node_modules\/).*\.m?[tj]s):(\d+):(\d+)\)?$/m.exec(
      stack.replaceAll(/^.*\/typescript-runner\.js.*$/gm, ""),
    );
  const [, file, line, column] = placed ?? frame ?? [];
  if (file === undefined) return { text };
  const known = file.startsWith("file:") ? fileURLToPath(file) : file;
  const content = await readFile(known, "utf8").catch(() => "");
  const shown = known === path.resolve(name) ? name : path.relative("", known);
  const at: Position = {
    file: shown,
    line: Number(line),
    column: Number(column),
    lineText: content.split("\n")[Number(line) - 1],
  };
  return { text: placed?.[4] ?? text, at };
}

function failed(
  name: string,
  text: string,
  { at, hint }: { readonly at?: Position | undefined; readonly hint?: string } = {},
): SchemaError {
  const diagnostics: Diagnostic[] =
    at === undefined ? [] : [{ text, positions: [hideNeighbours(at)] }];
  const message = `Cannot run bundle ${name}: ${text}`;
  return new SchemaError("SCHEMA_BUNDLE_INVALID", message, { diagnostics, hint });
}
