import type { Diagnostic, Position } from "@tenon/core";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  Scalar,
} from "yaml";

import { byteCounter } from "./byte-counter.ts";
import type { ManifestNode } from "./manifest-node.ts";
import { resolveScalar } from "./resolve-scalar.ts";

/** A file with manifests. */
export interface ManifestFile {
  /** How messages name the file. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** What was read of a file, and what could not be. */
export interface ParsedFile {
  /** Documents that are not empty. */
  readonly documents: readonly ManifestNode[];
  readonly problems: readonly Diagnostic[];
}

// Aliases of aliases can stand for more values than fit into memory.
const maxNodes = 500_000;
// A longer line is none that people read, and every finding in it would repeat it.
const maxLineLength = 2000;
const coreTag = "tag:yaml.org,2002:";
const secretDocument = /(^|[\s{,"'-])kind["']?\s*:\s*["']?Secret\b/m;

/**
 * Reads the documents of a YAML or JSON text as kubectl does. Lines of Secrets, and those that are too
 * long to read, stay out of positions.
 */
export function parseDocuments(file: ManifestFile): ParsedFile {
  const text = Buffer.from(file.content)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, {
    schema: "failsafe",
    lineCounter,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents: ManifestNode[] = [];
  const problems: Diagnostic[] = [];
  const lines = text.split("\n");
  const bytesBefore = byteCounter(text);
  for (const document of "empty" in parsed ? [] : parsed) {
    const isSecret = secretDocument.test(text.slice(document.range[0], document.range[2]));
    const reading: Reading = {
      document,
      nodes: 0,
      hasAliases: false,
      problems,
      place: (offset) => {
        const { line, col } = lineCounter.linePos(offset);
        const column = bytesBefore(offset) - bytesBefore(offset - col + 1) + 1;
        const lineText = lines[line - 1] ?? "";
        const isShown = !isSecret && lineText.length <= maxLineLength;
        return { file: file.name, line, column, ...(isShown && { lineText }) };
      },
    };
    if (document.errors.length > 0) {
      problems.push(...document.errors.map((error) => syntaxProblem(reading, error)));
      continue;
    }
    const node = toNode(reading, document.contents);
    if (node.kind !== "null") documents.push(node);
  }
  return { documents, problems };
}

interface Reading {
  readonly document: Document.Parsed;
  nodes: number;
  hasAliases: boolean;
  readonly problems: Diagnostic[];
  readonly place: (offset: number) => Position;
}

function syntaxProblem(
  { place }: Reading,
  error: { readonly code: string; readonly message: string; readonly pos: readonly number[] },
): Diagnostic {
  const text =
    error.code === "DUPLICATE_KEY" ? "the key is there twice" : error.message.split("\n", 1)[0]!;
  return { text, positions: [place(error.pos[0] ?? 0)] };
}

function toNode(reading: Reading, node: unknown): ManifestNode {
  const at = reading.place(offsetOf(node));
  reading.nodes += 1;
  if (reading.nodes > maxNodes) {
    if (reading.nodes === maxNodes + 1) reading.problems.push(tooMany(reading, at));
    return { at, kind: "null" };
  }
  if (isAlias(node)) return aliasNode(reading, node.resolve(reading.document), at);
  if (isSeq(node)) {
    return { at, kind: "list", items: node.items.map((item) => toNode(reading, item)) };
  }
  if (isMap(node)) return mapNode(reading, node.items, at);
  return isScalar(node) ? scalarNode(reading, node, at) : { at, kind: "null" };
}

function tooMany({ hasAliases }: Reading, at: Position): Diagnostic {
  const text = hasAliases
    ? "its aliases stand for too many values"
    : `a document has at most ${maxNodes} keys and values`;
  return { text, positions: [at] };
}

function aliasNode(reading: Reading, target: unknown, at: Position): ManifestNode {
  reading.hasAliases = true;
  if (target !== undefined) return toNode(reading, target);
  fail(reading, at, "no anchor has this name");
  return { at, kind: "null" };
}

interface Pair {
  readonly key: unknown;
  readonly value: unknown;
}

function mapNode(reading: Reading, pairs: readonly Pair[], at: Position): ManifestNode {
  const entries = new Map<string, ManifestNode>();
  const merged = new Map<string, ManifestNode>();
  const keysAt = new Map<string, Position>();
  for (const { key, value } of pairs) {
    const node = toNode(reading, value);
    if (isScalar(key) && key.type === Scalar.PLAIN && key.source === "<<") {
      mergeInto(merged, node);
      continue;
    }
    const name = toNode(reading, key);
    if (name.kind === "list" || name.kind === "map" || name.kind === "null") {
      fail(reading, name.at, "a key must be text");
      continue;
    }
    entries.set(String(name.value), node);
    keysAt.set(String(name.value), name.at);
  }
  for (const [key, node] of merged) if (!entries.has(key)) entries.set(key, node);
  return { at, kind: "map", entries, keysAt };
}

/** Adds what a `<<` key brings in; of several maps the first wins. */
function mergeInto(merged: Map<string, ManifestNode>, node: ManifestNode): void {
  if (node.kind === "list") for (const item of node.items) mergeInto(merged, item);
  if (node.kind !== "map") return;
  for (const [key, value] of node.entries) if (!merged.has(key)) merged.set(key, value);
}

function scalarNode(reading: Reading, scalar: Scalar, at: Position): ManifestNode {
  const source = scalar.source ?? String(scalar.value);
  const tag = scalar.tag?.replace(coreTag, "!!");
  if (tag === "!!binary") {
    return { at, kind: "text", value: Buffer.from(source, "base64").toString("utf8") };
  }
  if (tag === "!!str" || tag === "!" || (tag === undefined && scalar.type !== Scalar.PLAIN)) {
    return { at, kind: "text", value: source };
  }
  if (tag !== undefined && !/^!!(int|float|bool|null|timestamp)$/.test(tag)) {
    fail(reading, at, `Kubernetes objects have no values of the tag ${tag}`);
  }
  if (/^[-+]?\.(inf|nan)$/i.test(source)) fail(reading, at, "not a number that JSON has");
  return { at, ...resolveScalar(source) };
}

function offsetOf(node: unknown): number {
  const { range } = (node ?? {}) as { range?: readonly number[] | null };
  return range?.[0] ?? 0;
}

function fail({ problems, nodes }: Reading, at: Position, text: string): void {
  // Of what was not read nothing is known.
  if (nodes <= maxNodes) problems.push({ text, positions: [at] });
}
