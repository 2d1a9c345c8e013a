import { readFileSync } from "node:fs";

import type { About, Manifest } from "./manifest.ts";

/** The manifest that lies beside the built program; running from source there is none. */
export function readManifest(): Manifest | undefined {
  try {
    return JSON.parse(
      readFileSync(new URL("./manifest.json", import.meta.url), "utf8"),
    ) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The manifest: that of the build, else computed from the commands. */
export async function loadManifest(): Promise<Manifest> {
  const built = readManifest();
  if (built !== undefined) return built;
  const { buildManifest } = await import("./build-manifest.ts");
  const { loadCommands } = await import("./commands/index.ts");
  return buildManifest(readAbout(new URL("../", import.meta.url)), await loadCommands());
}

/** Reads the versions from the sources; `root` is the folder of this package. */
export function readAbout(root: URL): About {
  const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
    version: string;
  };
  const goMod = readFileSync(new URL("../cue-wasm/go/go.mod", root), "utf8");
  const cue = /cuelang\.org\/go v(\S+)/.exec(goMod)?.[1];
  if (cue === undefined) throw new Error("Expected cue-wasm/go/go.mod to require cuelang.org/go");
  return { api: "timoni.sh/v1alpha1", client: version, cue };
}
