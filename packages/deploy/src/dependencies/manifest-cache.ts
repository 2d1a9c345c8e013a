import { readFile } from "node:fs/promises";
import path from "node:path";

import { digestHex, sha256 } from "@tenon/core";

import { writePrivateFile } from "../private-file.ts";

/** Manifests by the URL of their artifact, of which the tag never moves. */
export interface ManifestCache {
  find(url: string): Promise<Uint8Array | undefined>;
  store(url: string, manifest: Uint8Array): Promise<void>;
}

interface Entry {
  readonly url: string;
  readonly digest: string;
  readonly manifest: string;
}

/** Opens a cache. A file that is damaged or of another URL is as good as none. */
export function manifestCache(folder: string): ManifestCache {
  const fileOf = (url: string): string =>
    path.join(folder, `${digestHex(sha256(Buffer.from(url)))}.json`);
  return {
    async find(url) {
      try {
        const entry = JSON.parse(await readFile(fileOf(url), "utf8")) as Entry;
        const bytes = Buffer.from(entry.manifest, "base64");
        return entry.url === url && entry.digest === sha256(bytes) ? bytes : undefined;
      } catch {
        return undefined;
      }
    },
    async store(url, manifest) {
      const entry: Entry = {
        url,
        digest: sha256(manifest),
        manifest: Buffer.from(manifest).toString("base64"),
      };
      await writePrivateFile(fileOf(url), `${JSON.stringify(entry)}\n`);
    },
  };
}
