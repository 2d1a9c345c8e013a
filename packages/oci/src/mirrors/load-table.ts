import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import type { AuthEnvironment } from "../auth/docker-config.ts";
import { isMissing } from "../content/node-file.ts";
import { OciError } from "../errors.ts";
import { type RegistryEntry, parseRegistriesConf } from "./registries-conf.ts";

/** The entries of all files that count. */
export interface RegistryTable {
  /** The longest prefix first. */
  readonly entries: readonly RegistryEntry[];
  /** The files that were read, in that order. */
  readonly files: readonly string[];
}

/** Options of {@link loadRegistryTable}. */
export interface RegistryTableOptions extends AuthEnvironment {
  /** The only file to read, in place of those that are found. */
  readonly file?: string | undefined;
  /** Folder of the system's files; `/etc/containers` by default. */
  readonly systemDir?: string | undefined;
}

const maxBytes = 1024 * 1024;

/**
 * Reads the mirror table: the file that was named, by an option or by `TENON_REGISTRIES_CONF`, and no
 * other; else that of `CONTAINERS_REGISTRIES_CONF`, the user, or the system, and the files of their
 * `registries.conf.d`. Of two entries for one prefix the one that was read later counts.
 *
 * @throws OciError `OCI_REGISTRIES_CONF_INVALID`
 */
export async function loadRegistryTable(options: RegistryTableOptions): Promise<RegistryTable> {
  const named = options.file ?? options.env["TENON_REGISTRIES_CONF"];
  if (named) return tableOf([[named, parseRegistriesConf(await readNamed(named), named)]]);
  const read: [string, RegistryEntry[]][] = [];
  for (const file of await foundFiles(options)) {
    const text = await readIfThere(file);
    if (text !== undefined) read.push([file, parseRegistriesConf(text, file)]);
  }
  return tableOf(read);
}

// The order of containers-registries.conf.d(5).
async function foundFiles({ env, home, systemDir }: RegistryTableOptions): Promise<string[]> {
  const userDir = join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "containers");
  const system = systemDir ?? "/etc/containers";
  const main = env["CONTAINERS_REGISTRIES_CONF"];
  if (main) {
    await readNamed(main);
    return [main, ...(await dropIns(system)), ...(await dropIns(userDir))];
  }
  const user = join(userDir, "registries.conf");
  if ((await readIfThere(user)) !== undefined) return [user, ...(await dropIns(userDir))];
  const shared = join(system, "registries.conf");
  return [shared, ...(await dropIns(system)), ...(await dropIns(userDir))];
}

async function dropIns(dir: string): Promise<string[]> {
  const folder = join(dir, "registries.conf.d");
  try {
    const names = await readdir(folder);
    const wanted = names.filter((name) => name.endsWith(".conf"));
    return wanted.toSorted().map((name) => join(folder, name));
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw unreadable(folder, cause);
  }
}

async function readNamed(file: string): Promise<string> {
  const text = await readIfThere(file);
  if (text !== undefined) return text;
  throw new OciError("OCI_REGISTRIES_CONF_INVALID", `Cannot read ${file}: no such file`, {
    hint: "Check --registries-conf, TENON_REGISTRIES_CONF and CONTAINERS_REGISTRIES_CONF",
  });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, "utf8");
    if (text.length <= maxBytes) return text;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw unreadable(file, cause);
  }
  throw new OciError("OCI_REGISTRIES_CONF_INVALID", `Cannot read ${file}: it is over 1 MiB`);
}

function unreadable(path: string, cause: unknown): OciError {
  const message = `Cannot read ${path}: the system does not let it be read`;
  return new OciError("OCI_REGISTRIES_CONF_INVALID", message, { cause });
}

function tableOf(read: readonly (readonly [string, readonly RegistryEntry[]])[]): RegistryTable {
  const byPrefix = new Map<string, RegistryEntry>();
  for (const [, entries] of read) for (const entry of entries) byPrefix.set(entry.prefix, entry);
  return {
    entries: [...byPrefix.values()].toSorted((a, b) => b.prefix.length - a.prefix.length),
    files: read.map(([file]) => file),
  };
}
