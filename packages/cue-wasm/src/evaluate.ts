import type { Position } from "@tenon/core";

import type {
  CueDiagnostic,
  Evaluation,
  EvaluationResult,
  Output,
  SchemaRequest,
  Timings,
  TraceStep,
} from "./evaluation.ts";
import { encodeMessage, type Message } from "./protocol.ts";

/**
 * The request frame of an evaluation, or of a schema that is written from one. The engine must hold its
 * source already.
 */
export function encodeEvaluation(
  evaluation: Evaluation,
  schema?: SchemaRequest["schema"],
): Uint8Array {
  const overlay = [...(evaluation.overlay ?? [])].map(([path, content]) => ({
    path,
    kind: evaluation.kinds?.get(path),
    content: bytes(content),
  }));
  const values = evaluation.merge?.overlays ?? [];
  const header = {
    op: schema === undefined ? "evaluate" : "schema",
    schema,
    source: evaluation.source.id,
    dir: evaluation.dir,
    package: evaluation.package,
    fileArgs: evaluation.fileArgs,
    overlay: overlay.map(({ path, kind, content }) => ({ path, kind, size: content.length })),
    runtimeValues: evaluation.runtimeValues,
    tags: evaluation.tags,
    tagVars: evaluation.tagVars,
    merge: evaluation.merge && {
      path: evaluation.merge.path,
      field: evaluation.merge.field,
      overlays: values.map(({ name, kind, content }) => ({ name, kind, size: content.length })),
    },
    outputs: evaluation.outputs,
    locate: evaluation.locate,
    trace: evaluation.trace,
    slice: evaluation.slice,
  };
  return encodeMessage(
    header,
    [...overlay, ...values].map(({ content }) => content),
  );
}

/** Gives positions in a file that messages know by a name that name, and the text of the line. */
export function placeIn(name: string, content: Uint8Array): (position: Position) => Position {
  const lines = Buffer.from(content).toString("utf8").split("\n");
  return ({ line, column }) => ({ file: name, line, column, lineText: lines[line - 1] });
}

interface WireResponse {
  readonly stage?: "merge" | "load" | "build" | "output";
  readonly diagnostics?: readonly WireDiagnostic[];
  readonly outputs?: readonly WireOutput[];
  readonly located?: readonly (readonly Position[] | null)[];
  readonly traced?: readonly (readonly TraceStep[] | null)[];
  readonly slice?: readonly { readonly path: string; readonly size: number }[];
  readonly sliceTexts?: readonly string[];
  readonly merged?: number;
  readonly timings?: Timings;
}

/** A diagnostic as the engine writes it. */
export interface WireDiagnostic {
  readonly text: string;
  readonly path?: string;
  readonly positions?: readonly Position[];
  readonly given?: string;
  readonly alternatives?: readonly string[];
}

interface WireOutput {
  readonly path: string;
  readonly exists: boolean;
  readonly text?: number;
  readonly lists?: readonly { readonly name: string; readonly items: readonly number[] }[];
  readonly hidden?: readonly WireDiagnostic[];
}

/** Reads the answer to {@link encodeEvaluation}. `evaluation` gives the lines that positions point at. */
export function decodeEvaluation(message: Message, evaluation: Evaluation): EvaluationResult {
  const response = message.header as WireResponse;
  const timings = response.timings ?? {};
  const place = placesOf(evaluation);
  if (response.diagnostics !== undefined) {
    const diagnostics = response.diagnostics.map((entry) => decodeDiagnostic(entry, place));
    return { ok: false, stage: response.stage ?? "build", diagnostics, timings };
  }
  const take = textReader(message.body);
  const merged = response.merged === undefined ? undefined : take(response.merged);
  const outputs = new Map<string, Output>();
  for (const output of response.outputs ?? [])
    outputs.set(output.path, decodeOutput(output, take, place));
  const located = (response.located ?? []).map((positions) => (positions ?? []).map(place));
  const traced = (response.traced ?? []).map((steps) =>
    (steps ?? []).map((step) => ({ ...step, position: place(step.position) })),
  );
  const files = response.slice?.map(({ path, size }) => [path, take(size)] as const);
  const slice = files && { files: new Map(files), texts: response.sliceTexts ?? [] };
  return { ok: true, outputs, merged, located, traced, slice, timings };
}

function decodeOutput(
  output: WireOutput,
  take: (length: number) => string,
  place: (position: Position) => Position,
): Output {
  if (output.text !== undefined) return { exists: output.exists, text: take(output.text) };
  if (output.lists === undefined) return { exists: output.exists };
  const lists = output.lists.map(({ name, items }) => ({
    name,
    items: items.map((length) => (length < 0 ? null : take(length))),
  }));
  const hidden = (output.hidden ?? []).map((entry) => decodeDiagnostic(entry, place));
  return { exists: output.exists, lists, hidden };
}

/** Hands out the texts of a body in order. */
export function textReader(body: Uint8Array): (length: number) => string {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  return (length) => buffer.toString("utf8", at, (at += length));
}

/** Reads a diagnostic; `place` gives its positions the names and lines that users know. */
export function decodeDiagnostic(
  entry: WireDiagnostic,
  place: (position: Position) => Position,
): CueDiagnostic {
  return {
    text: entry.text,
    path: entry.path,
    positions: (entry.positions ?? []).map(place),
    given: entry.given,
    alternatives: entry.alternatives ?? [],
  };
}

/** Every file is cut into lines once: an answer can have thousands of positions. */
function placesOf(evaluation: Evaluation): (position: Position) => Position {
  const files = new Map<string, (position: Position) => Position>();
  return (position) => {
    const { file } = position;
    const place = files.get(file) ?? placeInFile(file, evaluation);
    files.set(file, place);
    return place(position);
  };
}

function placeInFile(file: string, evaluation: Evaluation): (position: Position) => Position {
  const value = evaluation.merge?.overlays.find(({ name }) => sameFile(name, file));
  const content =
    value?.content ?? evaluation.overlay?.get(file) ?? evaluation.source.files.get(file);
  if (content === undefined) return ({ line, column }) => ({ file, line, column });
  return placeIn(value?.name ?? file, bytes(content));
}

/** The engine cleans file names: `./a/../b.cue` comes back as `b.cue`. */
function sameFile(name: string, file: string): boolean {
  return name === file || new URL(name, "file:///").pathname === `/${encodeURI(file)}`;
}

function bytes(content: Uint8Array | string): Uint8Array {
  return typeof content === "string" ? Buffer.from(content) : content;
}
