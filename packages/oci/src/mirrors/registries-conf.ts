import { type Position, messageOf } from "@tenon/core";
import { TomlError, parse } from "smol-toml";

import { OciError } from "../errors.ts";

/** When a mirror is asked. */
export type MirrorUse = "all" | "digest-only" | "tag-only";

/** A `[[registry.mirror]]`. */
export interface MirrorEntry {
  /** `host[:port][/path]`, in place of what the prefix matched. */
  readonly location: string;
  readonly insecure: boolean;
  readonly use: MirrorUse;
}

/** A `[[registry]]`: what becomes of the names that begin with its prefix. */
export interface RegistryEntry {
  /** `host[:port][/path[:tag|@digest]]`, or `*.host`. */
  readonly prefix: string;
  /** In place of what the prefix matched; empty for a wildcard prefix that rewrites nothing. */
  readonly location: string;
  readonly insecure: boolean;
  readonly blocked: boolean;
  readonly mirrors: readonly MirrorEntry[];
  /** Where the entry stands. */
  readonly position: Position;
}

/**
 * Reads a `registries.conf` of version 2 or 1, as containers-registries.conf(5) has them. What is about
 * short names is left out: names here are always complete.
 *
 * @throws OciError `OCI_REGISTRIES_CONF_INVALID` with the place
 */
export function parseRegistriesConf(text: string, file: string): RegistryEntry[] {
  const document = readToml(text, file);
  if (document["registries"] !== undefined) {
    const position = positionOf(text, file, lineOf(text, /^\s*\[\s*registries\s*[.\]]/, 0));
    if (document["registry"] === undefined) return readFirstVersion(document, position);
    throw invalid("[registries] and [[registry]] are two versions of the format", position, {
      hint: "Write a [[registry]] for each prefix; see man containers-registries.conf",
    });
  }
  const entries = tables(document["registry"], "registry", positionOf(text, file, 1));
  const read = entries.map((table, index) => {
    const line = lineOf(text, /^\s*\[\[\s*registry\s*\]\]/, index);
    return readEntry(table, positionOf(text, file, line));
  });
  for (const [index, entry] of read.entries()) {
    const other = read.slice(0, index).find(({ prefix }) => prefix === entry.prefix);
    if (other === undefined) continue;
    throw invalid(
      `the prefix ${entry.prefix} has an entry already, in line ${other.position.line}`,
      entry.position,
    );
  }
  return read;
}

type Table = Readonly<Record<string, unknown>>;

function readToml(text: string, file: string): Table {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // The message goes on with the lines around the place, which are shown another way here.
    const why = messageOf(cause).split("\n", 1)[0]!.replace("Invalid TOML document: ", "");
    throw invalid(why, positionOf(text, file, cause.line, cause.column));
  }
}

function readEntry(table: Table, position: Position): RegistryEntry {
  const location = place(table, "location", position);
  const prefix = place(table, "prefix", position) || location;
  if (prefix === "") throw invalid("a [[registry]] needs a prefix or a location", position);
  const isWildcard = prefix.startsWith("*.");
  const byDigestOnly = flag(table, "mirror-by-digest-only", position);
  const mirrors = tables(table["mirror"], "registry.mirror", position).map((mirror) =>
    readMirror(mirror, byDigestOnly, position),
  );
  return {
    prefix,
    location: location || (isWildcard ? "" : prefix),
    insecure: flag(table, "insecure", position),
    blocked: flag(table, "blocked", position),
    mirrors,
    position,
  };
}

/** Lists of hosts: `[registries.insecure]` and `[registries.block]`. */
function readFirstVersion(document: Table, position: Position): RegistryEntry[] {
  const lists = document["registries"] as Readonly<Record<string, unknown>>;
  const hosts = (name: string): readonly string[] => {
    const list = lists[name] as { readonly registries?: unknown } | undefined;
    const registries = list?.registries ?? [];
    if (Array.isArray(registries) && registries.every((host) => typeof host === "string")) {
      return registries;
    }
    throw invalid(`registries.${name} must have a list of texts, registries`, position);
  };
  const insecure = new Set(hosts("insecure"));
  const blocked = new Set(hosts("block"));
  return [...new Set([...insecure, ...blocked])].map((host) => ({
    prefix: host,
    location: host,
    insecure: insecure.has(host),
    blocked: blocked.has(host),
    mirrors: [],
    position,
  }));
}

function readMirror(table: Table, byDigestOnly: boolean, position: Position): MirrorEntry {
  const location = place(table, "location", position);
  if (location === "") throw invalid("a [[registry.mirror]] needs a location", position);
  const use = table["pull-from-mirror"];
  if (use === undefined || use === "") {
    const insecure = flag(table, "insecure", position);
    return { location, insecure, use: byDigestOnly ? "digest-only" : "all" };
  }
  if (use !== "all" && use !== "digest-only" && use !== "tag-only") {
    throw invalid("pull-from-mirror must be all, digest-only or tag-only", position);
  }
  if (byDigestOnly) {
    const both = "mirror-by-digest-only and pull-from-mirror are given, and one of them is enough";
    throw invalid(both, position);
  }
  return { location, insecure: flag(table, "insecure", position), use };
}

function tables(value: unknown, name: string, position: Position): readonly Table[] {
  if (value === undefined) return [];
  const isTable = (item: unknown): item is Table =>
    typeof item === "object" && item !== null && !Array.isArray(item);
  if (Array.isArray(value) && value.every(isTable)) return value;
  throw invalid(`${name} must be tables, written [[${name}]]`, position);
}

function flag(table: Table, name: string, position: Position): boolean {
  const value = table[name] ?? false;
  if (typeof value === "boolean") return value;
  throw invalid(`${name} must be true or false`, position);
}

/** A prefix or location as it is compared: without a slash at its end. */
function place(table: Table, name: string, position: Position): string {
  const value = table[name] ?? "";
  if (typeof value !== "string") throw invalid(`${name} must be a text`, position);
  const text = value.replace(/\/+$/, "");
  if (text === "" || /^(?:\*\.)?[A-Za-z0-9[][^\s*]*$/.test(text.replace(/^\w+:\/\/.*/, "://"))) {
    if (name === "prefix" || !text.startsWith("*.")) return text;
  }
  throw invalid(`${name} must be host[:port][/path]${wildcardNote(name)}`, position, {
    hint: /:\/\//.test(text) ? "Leave the scheme out" : undefined,
  });
}

function wildcardNote(name: string): string {
  return name === "prefix" ? ", or *.host" : "";
}

function lineOf(text: string, pattern: RegExp, index: number): number {
  const lines = text.split("\n");
  const found = lines.flatMap((line, at) => (pattern.test(line) ? [at + 1] : []));
  return found[index] ?? 1;
}

function positionOf(text: string, file: string, line: number, column = 1): Position {
  const lineText = text.split("\n")[line - 1]?.replace(/\r$/, "");
  return { file, line, column, ...(lineText !== undefined && { lineText }) };
}

function invalid(
  why: string,
  position: Position,
  options: { readonly hint?: string | undefined } = {},
): OciError {
  return new OciError("OCI_REGISTRIES_CONF_INVALID", `Cannot read ${position.file}: ${why}`, {
    ...options,
    diagnostics: [{ text: why, positions: [position] }],
  });
}
