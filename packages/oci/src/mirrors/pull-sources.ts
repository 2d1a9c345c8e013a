import { isDigest } from "@tenon/core";

import { OciError } from "../errors.ts";
import { type RegistryHost, type RepositoryName, parseReference, shownHost } from "../reference.ts";
import type { RegistryTable } from "./load-table.ts";
import type { MirrorEntry, RegistryEntry } from "./registries-conf.ts";

/** What is looked for: a repository, or a manifest in it by tag or digest. */
export interface PullName {
  readonly host: string;
  readonly repository: string;
  readonly reference?: string | undefined;
}

/** One place where content can be read. */
export interface PullSource {
  readonly kind: "mirror" | "location";
  readonly host: RegistryHost;
  readonly repository: RepositoryName;
  /** What to ask for there: the tag or digest that was looked for, unless an entry renames it. */
  readonly reference?: string | undefined;
  /** Plain HTTP and any certificate are accepted. */
  readonly insecure: boolean;
}

/** The entry of the table that a name falls under, and where its content is read. */
export interface PullPlan {
  readonly entry: RegistryEntry | undefined;
  /** In the order in which they are tried; the last one is the registry itself. */
  readonly sources: readonly PullSource[];
}

/**
 * Looks up where content is read. Blobs and lists of tags take the mirrors for digests and for tags.
 *
 * @throws OciError `OCI_REGISTRY_BLOCKED`, and `OCI_REGISTRIES_CONF_INVALID` for locations that make no name
 */
export function planPull(table: RegistryTable, name: PullName, by: "tag" | "digest"): PullPlan {
  const entry = findEntry(table, name);
  if (entry === undefined) return { entry, sources: [asWritten(name, false)] };
  const text = nameText(name);
  const mirrors = entry.mirrors.filter(({ use }) => use === "all" || use === `${by}-only`);
  const own = entry.location === "" ? asWritten(name, entry.insecure) : undefined;
  return {
    entry,
    sources: [
      ...mirrors.map((mirror) => rewritten(text, entry, mirror, "mirror")),
      own ?? rewritten(text, entry, entry, "location"),
    ],
  };
}

/** Where content is written: the registry that was named, as the containers tools have it. */
export function planPush(table: RegistryTable, name: PullName): PullSource {
  return asWritten(name, findEntry(table, name)?.insecure ?? false);
}

/** A source as text: `host/repository`, and `:tag` or `@digest`. */
export function sourceText({ host, repository, reference }: PullName): string {
  if (reference === undefined) return `${host}/${repository}`;
  return `${host}/${repository}${isDigest(reference) ? "@" : ":"}${reference}`;
}

function findEntry(table: RegistryTable, name: PullName): RegistryEntry | undefined {
  const text = nameText(name);
  const entry = table.entries.find(({ prefix }) => matchedLength(text, prefix) !== undefined);
  if (entry?.blocked !== true) return entry;
  const { file, line } = entry.position;
  throw new OciError(
    "OCI_REGISTRY_BLOCKED",
    `Cannot use ${text}: ${file} blocks ${entry.prefix} (line ${line})`,
    { hint: "Use another registry, or ask who keeps that file" },
  );
}

/** The tables of the containers tools know Docker Hub by its short name. */
function nameText(name: PullName): string {
  return sourceText({ ...name, host: shownHost(name.host) });
}

/** How much of a name a prefix matches: all of it, or up to a `/`, or the `:` or `@` of its end. */
function matchedLength(name: string, prefix: string): number | undefined {
  const length = prefix.startsWith("*.")
    ? subdomainLength(name, prefix.slice(1))
    : name.startsWith(prefix)
      ? prefix.length
      : undefined;
  if (length === undefined) return undefined;
  // The port is part of a host: `ghcr.io:444` is another registry than `ghcr.io`.
  const ends = prefix.startsWith("*.") || prefix.includes("/") ? "/:@" : "/";
  return length === name.length || ends.includes(name[length]!) ? length : undefined;
}

function subdomainLength(name: string, domain: string): number | undefined {
  const host = name.split("/", 1)[0]!;
  const at = host.replace(/:\d+$/, "").endsWith(domain) ? host.lastIndexOf(domain) : -1;
  return at > 0 ? at + domain.length : undefined;
}

function asWritten(name: PullName, insecure: boolean): PullSource {
  const { host, repository, reference } = name;
  return {
    kind: "location",
    host: host as RegistryHost,
    repository: repository as RepositoryName,
    ...(reference !== undefined && { reference }),
    insecure,
  };
}

function rewritten(
  name: string,
  entry: RegistryEntry,
  { location, insecure }: Pick<MirrorEntry, "location" | "insecure">,
  kind: PullSource["kind"],
): PullSource {
  const text = `${location}${name.slice(matchedLength(name, entry.prefix))}`;
  try {
    const { host, repository, tag, digest } = parseReference(`oci://${text}`);
    const reference = digest ?? tag;
    return { kind, host, repository, ...(reference !== undefined && { reference }), insecure };
  } catch (cause) {
    throw new OciError(
      "OCI_REGISTRIES_CONF_INVALID",
      `Cannot use location ${location} of ${entry.position.file} for ${name}: ${text} is no name`,
      { cause, diagnostics: [{ text: "makes a name of it", positions: [entry.position] }] },
    );
  }
}
