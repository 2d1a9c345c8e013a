import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";

import { type RegistryServer, createMemoryRegistry, openExport, serveRegistry } from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, startTenon } from "../support/tenon.ts";
import { pushImage } from "../support/test-image.ts";

const images = 24;

describe("an export that is killed", () => {
  let dir: TempDir;
  let server: RegistryServer;
  /** Digests of the blobs that were asked for, in their order. */
  const reads: string[] = [];
  let onRead = (): void => undefined;

  beforeAll(async () => {
    dir = await tempDir();
    const registry = createMemoryRegistry();
    server = await serveRegistry({
      ...registry,
      async readBlob(repository, blob, options) {
        reads.push(blob.digest);
        onRead();
        return registry.readBlob(repository, blob, options);
      },
    });
    const names = Array.from({ length: images }, (_, index) => `image-${index}`);
    for (const name of names) {
      await pushImage(registry, name, { content: randomBytes(50_000), tags: ["1.0"] });
    }
    const references = names.map((name) => `${server.host}/${name}:1.0`).join(" ");
    await dir.write({
      "bundle.yaml": `bundle:
  apiVersion: v1alpha1
  name: killed
  objects:
    all:
      namespace: apps
      items:
        - apiVersion: v1
          kind: ConfigMap
          metadata: {name: all, annotations: {tenon.dev/images: "${references}"}}
`,
    });
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  const exportTo = (output: string): string[] => [
    "bundle",
    "export",
    dir.file(output),
    "-f",
    dir.file("bundle.yaml"),
    "-o",
    "json",
  ];

  it("goes on where it was, at any moment", async () => {
    const kept = new Set<string>();
    for (const after of [1, 10, 10]) {
      reads.length = 0;
      const run = startTenon(exportTo("out.tar"));
      onRead = () => {
        if (reads.length === after) run.child.kill("SIGKILL");
      };
      const { signal, stderr } = await run.result;
      expect(signal, stderr).toBe("SIGKILL");
      expect(reads.filter((digest) => kept.has(digest))).toEqual([]);
      const blobs = await readdir(dir.file("out.tar.partial/blobs/sha256")).catch(() => []);
      for (const name of blobs) if (!name.startsWith(".")) kept.add(`sha256:${name}`);
      expect(await readdir(dir.path)).not.toContain("out.tar");
    }
    expect(kept.size).toBeGreaterThan(0);
    reads.length = 0;
    onRead = () => undefined;
    const last = await spawnTenon(exportTo("out.tar"));
    expect(last.code, last.stderr).toBe(0);
    expect(reads.filter((digest) => kept.has(digest))).toEqual([]);
    expect(await readdir(dir.path)).not.toContain("out.tar.partial");
    await using reader = await openExport(dir.file("out.tar"));
    expect(reader.index.manifests).toHaveLength(images);
  });
});
