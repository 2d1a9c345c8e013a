import { readFile, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";

import { digestHex, sha256 } from "@tenon/core";
import type { DiscoveryCache, KubeConnection } from "@tenon/kube";

import { writePrivateFile } from "../private-file.ts";

/** What a server serves changes when definitions are installed, which is asked for anew anyway. */
const validity = 10 * 60_000;
/** Files of servers that were not asked for so long are removed. */
const lifetime = 24 * 60 * 60_000;

interface Entry {
  readonly server: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly digest: string;
  readonly text: string;
}

/**
 * Keeps on disk which kinds a server serves, so that a run need not ask. A file that is old, from
 * the future, damaged or of another server is as good as none; all may be deleted at any time.
 */
export function discoveryCache(
  folder: string,
  connection: Pick<KubeConnection, "server" | "tls" | "proxy">,
  now: () => number = Date.now,
): DiscoveryCache {
  const file = path.join(folder, `${idOf(connection)}.json`);
  return {
    async read(server) {
      try {
        const entry = JSON.parse(await readFile(file, "utf8")) as Entry;
        const age = now() - entry.at;
        const sound = entry.server === server && entry.digest === digestOf(entry.text);
        return sound && age >= 0 && age < validity ? entry.text : undefined;
      } catch {
        return undefined;
      }
    },
    async write(server, text) {
      const entry: Entry = { server, at: now(), digest: digestOf(text), text };
      try {
        await writePrivateFile(file, JSON.stringify(entry));
        await removeForgotten(folder, now());
      } catch {
        // A cache that cannot be written is no reason to fail.
      }
    },
  };
}

/** Two servers may have had the same address, one after the other: test clusters do. */
function idOf({ server, tls, proxy }: Pick<KubeConnection, "server" | "tls" | "proxy">): string {
  return digestOf(JSON.stringify([server, tls.ca, tls.caFile, tls.serverName, proxy])).slice(0, 32);
}

function digestOf(text: string): string {
  return digestHex(sha256(text));
}

async function removeForgotten(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    if (now - (await stat(file)).mtimeMs > lifetime) await rm(file, { force: true });
  }
}
