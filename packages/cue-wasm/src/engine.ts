import { access } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import { type CrdFile, type CrdResult, decodeCrdPackages, encodeCrdFile } from "./crd-packages.ts";
import { EngineError } from "./errors.ts";
import { decodeEvaluation, encodeEvaluation, textReader } from "./evaluate.ts";
import type {
  CueSource,
  Evaluation,
  EvaluationResult,
  SchemaRequest,
  Timings,
} from "./evaluation.ts";
import { decodeFormatCue, encodeFormatCue, type CueText, type FormattedCue } from "./format-cue.ts";
import { HostExit, type Host } from "./host.ts";
import { createNativeHost } from "./native-host.ts";
import { HostPool, type PoolTask } from "./pool.ts";
import { decodeMessage, encodeMessage, type Message } from "./protocol.ts";
import {
  decodeRequirements,
  decodeUnpackedModule,
  encodeModuleArchive,
  encodeRequirements,
  type ModuleArchive,
  type RequirementsRequest,
  type RequirementsResult,
  type UnpackedModule,
} from "./requirements.ts";
import { compileEngine, createWasmHost } from "./wasm-host.ts";

/** How to run the engine. */
export interface EngineOptions {
  /** `auto` takes the native helper where there is one for this platform, else WebAssembly. */
  readonly kind?: "auto" | "wasm" | "native";
  /** Folder with `engine.wasm`, `tenon-engine` and `worker.js`; the package's own `dist` unless given. */
  readonly assets?: URL;
  /** Requests served at once; the number of cores unless given. */
  readonly concurrency?: number;
  /** Memory cap of one request in MiB (default 1024). */
  readonly memoryMiB?: number;
  /** Longest time for one request in milliseconds (default 60 000). */
  readonly deadlineMs?: number;
  /** Told what each evaluation cost, when it has ended. */
  readonly onEvaluated?: ((cost: EvaluationCost) => void) | undefined;
}

/** What one evaluation cost. */
export interface EvaluationCost {
  /** What was evaluated. */
  readonly label: string;
  /** From the request to its answer, in milliseconds, with the wait for a free engine. */
  readonly wallMs: number;
  readonly timings: Timings;
}

/** Options of one request. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is evaluated, for messages: `module app`. */
  readonly label?: string;
  readonly deadlineMs?: number;
}

/** The CUE evaluator. */
export interface Engine {
  readonly kind: "wasm" | "native";
  /**
   * Evaluates a package.
   *
   * @throws EngineError `ENGINE_TIMEOUT`, `ENGINE_OUT_OF_MEMORY`, `ENGINE_CRASHED`, `ENGINE_UNAVAILABLE`;
   * the failure is that of this request only, the engine goes on
   */
  evaluate(evaluation: Evaluation, options?: RequestOptions): Promise<EvaluationResult>;
  /**
   * Writes the JSON Schema (draft 2020-12) of a values file: output `merge.field` holds its text. It
   * accepts every file that an evaluation accepts; where it accepts more, `$comment` says why.
   *
   * @throws EngineError as `evaluate`
   */
  writeSchema(request: SchemaRequest, options?: RequestOptions): Promise<EvaluationResult>;
  /**
   * Prints JSON texts as Kubernetes tools do: `yaml` gives a document for each, `json` one array of
   * all with sorted keys and an indent of four.
   */
  format(
    texts: readonly string[],
    format: "yaml" | "json",
    options?: RequestOptions,
  ): Promise<string[]>;
  /**
   * Writes CUE files in the standard format, in the language version of the module file, else in the
   * newest. Files that do not parse give diagnostics.
   */
  formatCue(
    files: readonly CueText[],
    options?: RequestOptions & { readonly module?: Uint8Array | undefined },
  ): Promise<FormattedCue[]>;
  /** Replaces the string literals of a CUE text that are, or are part of, one of the words with `"***"`. */
  mask(text: string, words: readonly string[], options?: RequestOptions): Promise<string>;
  /** Turns CustomResourceDefinitions into CUE packages. Data is read by the rules of YAML 1.2. */
  translateCrds(file: CrdFile, options?: RequestOptions): Promise<CrdResult>;
  /** Lists the modules that a module file requires, and in which registries they are. */
  readRequirements(
    request: RequirementsRequest,
    options?: RequestOptions,
  ): Promise<RequirementsResult>;
  /**
   * Unpacks the archive of a module by CUE's rules: no links, no paths that lead out, at most
   * 100 MiB, and the module file says that it is the module asked for.
   */
  unpackModule(archive: ModuleArchive, options?: RequestOptions): Promise<UnpackedModule>;
  /** The version of CUE, such as `v0.17.1`. */
  cueVersion(options?: RequestOptions): Promise<string>;
  /** Starts an engine in the background, for a request that is about to come. */
  warmUp(): void;
  close(): void;
  [Symbol.dispose](): void;
}

let sources = 0;

/** Makes a source of files. Two evaluations of the same source parse its vendored files once. */
export function cueSource(files: ReadonlyMap<string, Uint8Array>): CueSource {
  return { id: `source-${++sources}`, files };
}

/**
 * Makes an engine. Nothing runs before the first request.
 *
 * @throws EngineError `ENGINE_UNAVAILABLE` when the engine's files are not there
 * @example
 * const engine = await createEngine();
 * const source = cueSource(new Map([["x.cue", Buffer.from("package x\nout: 1+1")]]));
 * await engine.evaluate({ source, package: "x", outputs: [{ path: "out", encoding: "json" }] });
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const file = (name: string): string =>
    fileURLToPath(new URL(name, options.assets ?? new URL("../dist/", import.meta.url)));
  const helper = file(process.platform === "win32" ? "tenon-engine.exe" : "tenon-engine");
  const kind =
    options.kind === "wasm" || options.kind === "native" ? options.kind : await detect(helper);
  const memoryMiB = options.memoryMiB ?? 1024;
  let module: Promise<WebAssembly.Module> | undefined;
  const start = async (): Promise<Host> => {
    if (kind === "native") return createNativeHost(helper, memoryMiB);
    module ??= compileEngine(file("engine.wasm"), memoryMiB);
    return createWasmHost(await module, file("worker.js"));
  };
  const pool = new HostPool(start, options.concurrency ?? availableParallelism());
  const { deadlineMs = 60_000, onEvaluated } = options;
  return engineOver(pool, kind, { memoryMiB, deadlineMs, onEvaluated });
}

async function detect(helper: string): Promise<"wasm" | "native"> {
  return access(helper).then(
    () => "native",
    () => "wasm",
  );
}

function engineOver(
  pool: HostPool,
  kind: Engine["kind"],
  limits: { memoryMiB: number; deadlineMs: number } & Pick<EngineOptions, "onEvaluated">,
): Engine {
  const call = async (
    task: Omit<PoolTask, "deadlineMs" | "signal">,
    options: RequestOptions = {},
  ): Promise<Message> => {
    const deadlineMs = options.deadlineMs ?? limits.deadlineMs;
    try {
      const message = decodeMessage(
        await pool.run({ ...task, deadlineMs, signal: options.signal }),
      );
      if (typeof message.header["failure"] !== "string") return message;
      throw new EngineError(
        "ENGINE_PROTOCOL",
        `Cannot evaluate ${labelOf(options)}: ${message.header["failure"]}`,
      );
    } catch (error) {
      throw error instanceof HostExit
        ? toEngineError(error, { ...limits, deadlineMs }, options)
        : error;
    }
  };
  return {
    kind,
    async evaluate(evaluation, options = {}) {
      const start = performance.now();
      const message = await call(
        { source: evaluation.source, frame: encodeEvaluation(evaluation) },
        options,
      );
      const result = decodeEvaluation(message, evaluation);
      const wallMs = performance.now() - start;
      limits.onEvaluated?.({ label: labelOf(options), wallMs, timings: result.timings });
      return result;
    },
    async writeSchema({ source, dir, package: name, overlay, merge, schema }, options) {
      const merged = { ...merge, overlays: [] };
      const evaluation = { source, dir, package: name, overlay, merge: merged, outputs: [] };
      const task = { source, frame: encodeEvaluation(evaluation, schema) };
      return decodeEvaluation(await call(task, options), evaluation);
    },
    async format(texts, format, options) {
      const parts = texts.map((text) => Buffer.from(text));
      const frame = encodeMessage(
        { op: "format", format, texts: parts.map((part) => part.length) },
        parts,
      );
      const message = await call({ frame }, { label: `the output as ${format}`, ...options });
      return ((message.header["texts"] as number[] | undefined) ?? []).map(
        textReader(message.body),
      );
    },
    async formatCue(files, { module, ...options } = {}) {
      const frame = encodeFormatCue(files, module);
      return decodeFormatCue(await call({ frame }, { label: "CUE files", ...options }), files);
    },
    async mask(text, words, options) {
      const parts = [text, ...words].map((part) => Buffer.from(part));
      const frame = encodeMessage({ op: "mask", texts: parts.map((part) => part.length) }, parts);
      const message = await call({ frame }, { label: "the values", ...options });
      return textReader(message.body)((message.header["texts"] as number[])[0]!);
    },
    async translateCrds(file, options) {
      const message = await call({ frame: encodeCrdFile(file) }, { label: file.name, ...options });
      return decodeCrdPackages(message, file);
    },
    async readRequirements(request, options) {
      const frame = encodeRequirements(request);
      const message = await call({ frame }, { label: "cue.mod/module.cue", ...options });
      return decodeRequirements(message, request);
    },
    async unpackModule(archive, options) {
      const label = `${archive.path}@${archive.version}`;
      return decodeUnpackedModule(
        await call({ frame: encodeModuleArchive(archive) }, { label, ...options }),
      );
    },
    async cueVersion(options) {
      const message = await call({ frame: encodeMessage({ op: "info" }, []) }, options);
      return String(message.header["cueVersion"]);
    },
    warmUp: () => pool.warmUp(),
    close: () => pool.close(),
    [Symbol.dispose]: () => pool.close(),
  };
}

function labelOf(options: RequestOptions): string {
  return options.label ?? "the package";
}

function toEngineError(
  exit: HostExit,
  limits: { memoryMiB: number; deadlineMs: number },
  options: RequestOptions,
): EngineError {
  const what = `Cannot evaluate ${labelOf(options)}`;
  if (exit.timedOut) {
    return new EngineError(
      "ENGINE_TIMEOUT",
      `${what}: it took longer than ${limits.deadlineMs / 1000} s`,
      {
        hint: "Look for recursion or large comprehensions, or raise the limit with --eval-timeout",
      },
    );
  }
  if (exit.outOfMemory) {
    return new EngineError(
      "ENGINE_OUT_OF_MEMORY",
      `${what}: it needs more than ${limits.memoryMiB} MiB of memory`,
      {
        hint: "Look for large comprehensions or disjunctions, or raise the limit with --eval-memory",
      },
    );
  }
  if (exit.unavailable) {
    return new EngineError("ENGINE_UNAVAILABLE", `Cannot start the CUE engine: ${exit.message}`, {
      hint: "Reinstall tenon, or run `npm start` in a checkout to build the engine",
    });
  }
  return new EngineError("ENGINE_CRASHED", `${what}: the CUE engine ended: ${exit.message}`);
}
