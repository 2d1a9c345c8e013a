import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { digestHex, sha256 } from "@tenon/core";
import type { DiscoveryCache, KubeConnection } from "@tenon/kube";

/** What a server serves changes when definitions are installed, which is asked for anew anyway. */
const validFor = 600_000;

/**
 * Keeps on disk which kinds servers serve, so that a run need not ask. A file that is old, damaged or
 * of another server is as good as none; all may be deleted at any time.
 */
export function discoveryCache(
  dir: string,
  connection: Pick<KubeConnection, "server" | "tls">,
): DiscoveryCache {
  // Two servers may have had the same address: test clusters do.
  const salt = JSON.stringify([connection.tls.ca, connection.tls.caFile]);
  const fileOf = (server: string): string =>
    path.join(dir, `${digestHex(sha256(`${server} ${salt}`)).slice(0, 32)}.json`);
  return {
    async read(server) {
      const file = fileOf(server);
      try {
        const { mtimeMs } = await stat(file);
        if (Date.now() - mtimeMs > validFor) return undefined;
        const entry = JSON.parse(await readFile(file, "utf8")) as Entry;
        if (entry.server !== server || digestOf(entry.text) !== entry.digest) return undefined;
        return entry.text;
      } catch {
        return undefined;
      }
    },
    async write(server, text) {
      const file = fileOf(server);
      const scratch = `${file}.${randomUUID()}`;
      const entry: Entry = { server, digest: digestOf(text), text };
      try {
        await mkdir(dir, { recursive: true, mode: 0o700 });
        await writeFile(scratch, JSON.stringify(entry), { mode: 0o600 });
        await rename(scratch, file);
      } catch {
        // A cache that cannot be written is no reason to fail.
        await rm(scratch, { force: true }).catch(() => {});
      }
    },
  };
}

interface Entry {
  readonly server: string;
  readonly digest: string;
  readonly text: string;
}

function digestOf(text: string): string {
  return digestHex(sha256(text));
}
