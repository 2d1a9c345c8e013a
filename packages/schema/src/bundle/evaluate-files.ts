import path from "node:path";

import type { Position } from "@tenon/core";
import {
  cueSource,
  type Engine,
  type Evaluation,
  type EvaluationResult,
  type OutputRequest,
} from "@tenon/cue-wasm";

import { SchemaError, type SchemaErrorCode } from "../errors.ts";
import type { ModuleFiles } from "../module/read-module.ts";
import { buildFailure, inModule } from "../render/build-failure.ts";
import { hideNeighbours } from "../render/hide-secrets.ts";
import { aroundPath } from "./around-path.ts";
import type { CueFile } from "./bundle.ts";

/** Files that are evaluated together, with a schema of ours beside them. */
export interface FilesRequest {
  /** The field that the files declare, for messages and names. */
  readonly what: "bundle" | "runtime" | "cases";
  readonly code: SchemaErrorCode;
  readonly files: readonly CueFile[];
  readonly schema: string;
  /** The CUE module that imports of the files are found in. */
  readonly module?: ModuleFiles | undefined;
  /** Folder inside that module that the files are evaluated in. */
  readonly dir?: string | undefined;
  /** What is not concrete is left out, and no error. */
  readonly loose?: boolean | undefined;
  /** Values for fields with an attribute `@timoni(runtime:TYPE:NAME)`, by NAME. */
  readonly runtimeValues?: Readonly<Record<string, string>> | undefined;
}

/** What evaluated files gave. */
export interface EvaluatedFiles {
  /** The JSON text of the field that is named after what the files declare. */
  readonly json: string;
  /** Where the values at CUE paths are written in the files of the user, for each path the first place. */
  readonly locate: (paths: readonly string[]) => Promise<(Position | undefined)[]>;
  /** As `locate`, with all the places of each. */
  readonly locateAll: (paths: readonly string[]) => Promise<Position[][]>;
  /** The same field as CUE text. */
  readonly print: () => Promise<string>;
}

/**
 * Evaluates files that declare a bundle or a runtime: unified with each other and with the schema,
 * everything concrete.
 *
 * @throws SchemaError with the code of the request
 */
export async function evaluateFiles(
  engine: Engine,
  request: FilesRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<EvaluatedFiles> {
  const { what } = request;
  const evaluation = evaluationOf(request);
  const run = (more: Pick<Evaluation, "outputs" | "locate">): Promise<EvaluationResult> =>
    engine.evaluate({ ...evaluation, ...more }, { ...options, label: labelOf(request) });
  const outputs: OutputRequest[] =
    request.loose === true
      ? [{ path: what, encoding: "defaults" }]
      : [
          { path: "", encoding: "none", concrete: true },
          { path: what, encoding: "json" },
        ];
  const result = await run({ outputs });
  const located = async (paths: readonly string[]): Promise<readonly (readonly Position[])[]> => {
    if (paths.length === 0) return [];
    const found = await run({ outputs: [], locate: paths });
    return found.ok ? found.located : paths.map(() => []);
  };
  const locate: EvaluatedFiles["locate"] = async (paths) =>
    (await located(paths)).map((positions) => {
      const place = positions.find((at) => fileOf(request, at) !== undefined) ?? positions[0];
      return place && knownPlace(request, place);
    });
  const locateAll: EvaluatedFiles["locateAll"] = async (paths) =>
    (await located(paths)).map((positions) =>
      positions.flatMap((at) => knownPlace(request, at) ?? []),
    );
  if (!result.ok) throw await failure(request, result, locate);
  const print = async (): Promise<string> => {
    const printed = await run({ outputs: [{ path: what, encoding: "cue" }] });
    if (!printed.ok) throw await failure(request, printed, locate);
    return printed.outputs.get(what)?.text ?? "{}";
  };
  return { json: result.outputs.get(what)?.text ?? "{}", locate, locateAll, print };
}

/** `bundle shop.cue`. */
function labelOf({ what, files }: FilesRequest): string {
  return `${what} ${files.map(({ name }) => name).join(", ")}`;
}

function evaluationOf(request: FilesRequest): Omit<Evaluation, "outputs"> {
  const dir = request.dir ?? "";
  const inDir = (name: string): string => (dir === "" ? name : `${dir}/${name}`);
  const own = request.files.map(
    ({ content }, index) => [innerName(request, index), content] as const,
  );
  const schemaFile = `${request.files.length}.schema.cue`;
  const overlay = new Map<string, Uint8Array | string>([
    ...own.map(([name, content]) => [inDir(name), content] as const),
    [inDir(schemaFile), request.schema],
  ]);
  const kinds = new Map(
    own.flatMap(([name], index) => {
      const { origin, name: known } = request.files[index]!;
      const kind = origin === undefined ? fileKind(known) : "json";
      return kind === undefined || kind === "cue" ? [] : [[inDir(name), kind] as const];
    }),
  );
  return {
    source: cueSource(request.module?.files ?? noModule),
    dir,
    package: "_",
    fileArgs: [...own.map(([name]) => name), schemaFile],
    overlay,
    kinds,
    runtimeValues: request.runtimeValues,
  };
}

/** The language that the name of a file stands for; nothing when it is none that we read. */
export function fileKind(name: string): "cue" | "yaml" | "json" | undefined {
  const extension = path.extname(name);
  if (extension === ".yml") return "yaml";
  return (["cue", "yaml", "json"] as const).find((kind) => extension === `.${kind}`);
}

/** Imports of the standard library need a module as well. */
const noModule: ReadonlyMap<string, Uint8Array> = new Map([
  [
    "cue.mod/module.cue",
    Buffer.from('module: "tenon.invalid/files"\nlanguage: version: "v0.14.0"\n'),
  ],
]);

/** Files of the same name may come from several folders. */
function innerName({ files }: FilesRequest, index: number): string {
  return `${index}.${path.basename(files[index]!.name, ".cue")}.cue`;
}

/** A place as the user knows it; nothing for places in schemas of ours. */
function knownPlace(request: FilesRequest, position: Position): Position | undefined {
  const { module } = request;
  const own = fileOf(request, position);
  if (own !== undefined) {
    return hideNeighbours(own.origin?.(position) ?? { ...position, file: own.name });
  }
  if (module === undefined || !module.files.has(position.file)) return undefined;
  return hideNeighbours(inModule(position, module.root));
}

function fileOf(request: FilesRequest, { file }: Position): CueFile | undefined {
  const { dir = "", files } = request;
  return files.find((_, index) => path.posix.join(dir, innerName(request, index)) === file);
}

async function failure(
  request: FilesRequest,
  result: Extract<EvaluationResult, { ok: false }>,
  locate: EvaluatedFiles["locate"],
): Promise<SchemaError> {
  const entries = result.diagnostics.map((entry) => ({
    ...entry,
    text: knownText(request, entry.text, entry.path),
    positions: entry.positions.flatMap((at) => knownPlace(request, at) ?? []),
  }));
  const diagnostics = await Promise.all(
    entries.map(async (entry) => {
      if (entry.positions.length > 0) return entry;
      // What is missing stands nowhere: what should hold it does.
      const places = await locate(aroundPath(entry.path ?? request.what));
      const place = places.find((at) => at !== undefined);
      return { ...entry, positions: place === undefined ? [] : [place] };
    }),
  );
  const userFiles = request.files.map(({ name }) => name);
  const label = labelOf(request);
  const known = buildFailure({ stage: "build", diagnostics, root: "", label, userFiles });
  const message = known.message.replace("Cannot build", "Cannot read");
  const { diagnostics: found, hint } = known;
  const lineText = found[0]?.positions[0]?.lineText;
  return new SchemaError(request.code, message, {
    diagnostics: found,
    hint: hintOf(request, { message, lineText, hint }),
  });
}

/** Without the names under which the files are evaluated, and without all that is in them. */
function knownText(request: FilesRequest, text: string, at = ""): string {
  if (at === "" && /^conflicting values .*mismatched types/s.test(text)) {
    return `the files have no field ${request.what}; several documents of YAML are a list, and cannot have one`;
  }
  return request.files.reduce(
    (known, { name }, index) => known.replaceAll(`(${innerName(request, index)})`, `(${name})`),
    text.replace(/^(found packages .*) in ".*"$/, "$1"),
  );
}

function hintOf(
  request: FilesRequest,
  {
    message,
    lineText,
    hint,
  }: {
    readonly message: string;
    readonly lineText: string | undefined;
    readonly hint: string | undefined;
  },
): string | undefined {
  const [, wanted] = /@timoni\(runtime:\w+:([^)]+)\)/.exec(lineText ?? "") ?? [];
  if (wanted !== undefined && message.includes("incomplete value")) {
    return `Nothing gives ${wanted}: query it in a runtime (-r), or set it in the environment and add --runtime-from-env`;
  }
  if (/import failed|no dependency found/.test(message) && request.module === undefined) {
    return "Imports come from the CUE module around the working folder: give another with --workdir";
  }
  // Hints about modules are of no use here.
  return hint !== undefined && /values\.(yaml|cue)/.test(hint) ? undefined : hint;
}
