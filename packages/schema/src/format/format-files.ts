import { readFile } from "node:fs/promises";
import path from "node:path";

import type { CueText, Engine, FormattedCue } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { inaccessible, replaceFile } from "../files/replace-file.ts";
import { stdinName } from "../values/value-source.ts";
import { type CueFilePath, findCueFiles } from "./find-cue-files.ts";
import { ModuleFileFinder } from "./find-module-file.ts";

/** What to format. */
export interface FormatRequest {
  /** Files, folders, and `-` for standard input. */
  readonly paths: readonly string[];
  readonly stdin: () => Promise<Uint8Array>;
  /** Whether to write what differs into its file. Standard input is never written. */
  readonly write: boolean;
}

/** What became of one file. */
export interface FormattedFile {
  /** From the working folder where the file is inside; `-` for standard input. */
  readonly name: string;
  /** The text as it was and as it should be; nothing when the file could not be formatted. */
  readonly texts?: { readonly before: string; readonly after: string };
  readonly error?: SchemaError;
}

const filesPerRequest = 64;

/**
 * Formats CUE files, each in the language version of its module. What is wrong with one file does
 * not keep the others from being formatted.
 *
 * @throws SchemaError `SCHEMA_PATH_INVALID`, `SCHEMA_FILE_INACCESSIBLE` for the paths that were given;
 * the files themselves fail with `SCHEMA_CUE_INVALID` and `SCHEMA_FILE_INACCESSIBLE` in the result
 */
export async function formatFiles(
  engine: Engine,
  request: FormatRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FormattedFile[]> {
  const paths = request.paths.filter((given) => given !== stdinName);
  const files = await findCueFiles(paths);
  const results: FormattedFile[] = [];
  if (paths.length < request.paths.length) {
    const input = { name: stdinName, content: await request.stdin() };
    const [formatted] = await engine.formatCue([input], options);
    results.push(resultOf(input, formatted!));
  }
  const modules = new ModuleFileFinder();
  for (let at = 0; at < files.length; at += filesPerRequest) {
    const part = files.slice(at, at + filesPerRequest);
    results.push(
      ...(await formatPart(part, { engine, modules, write: request.write, ...options })),
    );
  }
  return results;
}

interface Work {
  readonly engine: Engine;
  readonly modules: ModuleFileFinder;
  readonly write: boolean;
  readonly signal?: AbortSignal | undefined;
}

async function formatPart(files: readonly CueFilePath[], work: Work): Promise<FormattedFile[]> {
  const groups = new Map<Uint8Array | undefined, CueFilePath[]>();
  for (const file of files) {
    const module = await work.modules.find(path.dirname(file.file));
    groups.set(module, [...(groups.get(module) ?? []), file]);
  }
  const results = new Map<string, FormattedFile>();
  for (const [module, group] of groups) {
    for (const result of await formatGroup(group, module, work)) results.set(result.name, result);
  }
  return files.map(({ name }) => results.get(name)!);
}

/** Formats files of one module. */
async function formatGroup(
  group: readonly CueFilePath[],
  module: Uint8Array | undefined,
  { engine, write, signal }: Work,
): Promise<FormattedFile[]> {
  const read: (CueText & CueFilePath)[] = [];
  const results: FormattedFile[] = [];
  for (const { name, file } of group) {
    try {
      read.push({ name, file, content: await readFile(file) });
    } catch (error) {
      results.push({ name, error: inaccessible("read", name, error) });
    }
  }
  const formatted = await engine.formatCue(read, { module, signal });
  for (const [index, source] of read.entries()) {
    const result = resultOf(source, formatted[index]!);
    results.push(write ? await written(source.file, result) : result);
  }
  return results;
}

function resultOf({ name, content }: CueText, formatted: FormattedCue): FormattedFile {
  if (formatted.ok) {
    return {
      name,
      texts: { before: Buffer.from(content).toString("utf8"), after: formatted.text },
    };
  }
  const { diagnostics } = formatted;
  const reason = diagnostics[0]?.text ?? "it does not parse";
  return {
    name,
    error: new SchemaError("SCHEMA_CUE_INVALID", `Cannot format ${name}: ${reason}`, {
      diagnostics,
    }),
  };
}

async function written(file: string, result: FormattedFile): Promise<FormattedFile> {
  const { name, texts } = result;
  if (texts === undefined || texts.before === texts.after) return result;
  try {
    await replaceFile(file, texts.after);
    return result;
  } catch (error) {
    return { name, error: error as SchemaError };
  }
}
