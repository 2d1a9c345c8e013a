import { createEngine, type Engine } from "@tenon/cue-wasm";
import { type DeployContext, type ExportReport, exportBundle, importBundle } from "@tenon/deploy";
import {
  bytesContent,
  createMemoryRegistry,
  type Registry,
  type RegistryServer,
  serveRegistry,
} from "@tenon/oci";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type TempDir, tempDir } from "../../support/temp-dir.ts";
import { pushImage } from "../../support/test-image.ts";
import { zipArchive } from "../../support/zip-archive.ts";

const format = "oci-archive";

describe("exportBundle() and importBundle()", () => {
  let engine: Engine;
  let source: Registry;
  let server: RegistryServer;
  let dir: TempDir;

  beforeAll(async () => {
    engine = await createEngine({ concurrency: 1 });
    source = createMemoryRegistry();
    server = await serveRegistry(source);
    await publishCueModule();
    for (const name of ["one", "two"]) {
      await pushImage(source, `images/${name}`, { content: "the same", tags: ["1.0.0"] });
    }
    await pushImage(source, "images/one", { content: "another", tags: ["latest"] });
  });
  afterAll(async () => {
    engine?.close();
    await server?.close();
  });
  beforeEach(async () => {
    dir = await tempDir();
    return () => dir[Symbol.asyncDispose]();
  });

  async function publishCueModule(): Promise<void> {
    const config = bytesContent(Buffer.from("{}"));
    const content = 'module: "example.com/lib@v0"\nlanguage: version: "v0.17.0"\n';
    const files = [
      { name: "cue.mod/module.cue", content },
      { name: "lib.cue", content: "package lib\n\n#Name: string\n" },
    ];
    const archive = bytesContent(zipArchive(files));
    for (const blob of [config, archive]) await source.pushBlob("example.com/lib", blob, blob.open);
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const type = "application/vnd.cue.module.v1+json";
    const manifest = {
      schemaVersion: 2,
      mediaType,
      config: { mediaType: type, digest: config.digest, size: config.size },
      layers: [{ mediaType: "application/zip", digest: archive.digest, size: archive.size }],
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    await source.pushManifest("example.com/lib", { mediaType, bytes }, { tags: ["v0.1.0"] });
  }

  const context = (): DeployContext => ({
    engine,
    env: { HOME: dir.path, CUE_REGISTRY: server.host },
    cacheDir: dir.file("cache"),
  });

  /** A bundle of inline objects with these images, as an annotation of one names them. */
  function bundleOf(images: string): string {
    const metadata = JSON.stringify({ name: "all", annotations: { "tenon.dev/images": images } });
    return `bundle: {
	apiVersion: "v1alpha1"
	name:       "shop"
	objects: all: {namespace: "apps", items: [{apiVersion: "v1", kind: "ConfigMap", metadata: ${metadata}}]}
}
`;
  }

  async function exported(files: Readonly<Record<string, string>>): Promise<ExportReport> {
    await dir.write(files);
    const runtimes = "runtime.cue" in files ? [dir.file("runtime.cue")] : [];
    const output = dir.file("out.tar");
    const wanted = { files: [dir.file("bundle.cue")], runtimes, output, format } as const;
    return exportBundle(context(), wanted);
  }

  const named = (images: string): Promise<ExportReport> =>
    exported({ "bundle.cue": bundleOf(images) });

  async function imported(registry: Registry): Promise<ReturnType<typeof importBundle>> {
    await using there = await serveRegistry(registry);
    const target = `oci://${there.host}/air`;
    return await importBundle(context(), { source: dir.file("out.tar"), target });
  }

  const place = (repository: string): string =>
    `air/${server.host.replace(":", "-")}/${repository}`;

  it("takes CUE modules that are required, and images of all clusters", async () => {
    const report = await exported({
      "app/cue.mod/module.cue":
        'module: "example.com/app@v0"\nlanguage: version: "v0.17.0"\ndeps: "example.com/lib@v0": v: "v0.1.0"\n',
      "app/values.cue": "package main\n\nvalues: {}\n",
      "app/timoni.cue": `package main

import "example.com/lib"

values: {image: lib.#Name}
timoni: {
	apiVersion: "v1alpha1"
	instance: config: {metadata: {name: string @tag(name), namespace: string @tag(namespace)}}
	apply: app: [{
		apiVersion: "v1"
		kind:       "Pod"
		metadata:   instance.config.metadata
		spec: containers: [{name: "app", image: values.image}]
	}]
}
`,
      "bundle.cue": `bundle: {
	_cluster:   string @timoni(runtime:string:TIMONI_CLUSTER_NAME)
	apiVersion: "v1alpha1"
	name:       "shop"
	instances: web: {
		module: url: "file://app"
		namespace: "shop"
		values: image: "${server.host}/images/\\(_cluster)"
	}
}
`,
      "runtime.cue": `runtime: {
	apiVersion: "v1alpha1"
	name:       "all"
	clusters: {
		one: {group: "x", kubeContext: "one"}
		two: {group: "x", kubeContext: "two"}
	}
}
`,
    }).catch((error: unknown) => error);
    // There is no images/two:latest.
    expect(report).toMatchObject({
      code: "OCI_MANIFEST_UNKNOWN",
      message: expect.stringContaining(
        `Cannot export image ${server.host}/images/two:latest, which instance web: Pod/shop/web: spec.containers[0].image needs`,
      ) as unknown,
    });
    await pushImage(source, "images/two", { content: "another", tags: ["latest"] });
    const again = await exportBundle(context(), {
      files: [dir.file("bundle.cue")],
      runtimes: [dir.file("runtime.cue")],
      output: dir.file("out.tar"),
      format,
    });
    expect(again.artifacts.map(({ role, name }) => `${role} ${name}`)).toEqual([
      `dependency ${server.host}/example.com/lib:v0.1.0`,
      `image ${server.host}/images/one:latest`,
      `image ${server.host}/images/two:latest`,
    ]);
    expect(again.folders).toEqual([dir.file("app")]);
  });

  it("pushes a blob of two repositories once, and lets the registry share it", async () => {
    const report = await named(`${server.host}/images/one:1.0.0 ${server.host}/images/two:1.0.0`);
    expect(report.blobs).toEqual({ moved: 2, known: 0 });
    const registry = createMemoryRegistry();
    const { blobs, verified, mirrors } = await imported(registry);
    expect(blobs.moved + blobs.mounted).toBe(4);
    expect(verified).toEqual({ manifests: 2, blobs: 4 });
    expect(mirrors).toContain(`prefix = "${server.host}"`);
    await registry.readManifest(place("images/two"), "1.0.0");
  });

  it("moves no released tag", async () => {
    await named(`${server.host}/images/one:1.0.0`);
    const registry = createMemoryRegistry();
    const other = { content: "other", tags: ["1.0.0"] };
    const { digest } = await pushImage(registry, place("images/one"), other);
    await expect(imported(registry)).rejects.toMatchObject({ code: "DEPLOY_VERSION_RELEASED" });
    const found = await registry.resolveManifest(place("images/one"), "1.0.0");
    expect(found.digest).toBe(digest);
  });

  it("sees that a registry lost a blob, or that somebody moved a tag", async () => {
    await named(`${server.host}/images/one:1.0.0`);
    const lossy = createMemoryRegistry();
    const pushed = new Set<string>();
    const losing: Registry = {
      ...lossy,
      async pushManifest(repository, manifest, options) {
        pushed.add(repository);
        return lossy.pushManifest(repository, manifest, options);
      },
      statBlob: async (repository, digest) =>
        pushed.has(repository) ? undefined : lossy.statBlob(repository, digest),
    };
    await expect(imported(losing)).rejects.toMatchObject({
      code: "OCI_BLOB_UNKNOWN",
      message: expect.stringContaining("it is not there") as unknown,
    });
    const moving = createMemoryRegistry();
    const moved: Registry = {
      ...moving,
      async pushManifest(repository, manifest, options) {
        const descriptor = await moving.pushManifest(repository, manifest, options);
        if (options?.tags?.length) {
          await pushImage(moving, repository, { content: "moved", tags: options.tags });
        }
        return descriptor;
      },
    };
    await expect(imported(moved)).rejects.toMatchObject({
      code: "OCI_DIGEST_MISMATCH",
      message: expect.stringContaining("Cannot verify") as unknown,
    });
  });

  it("says where a text stands that is no image", async () => {
    await expect(named("ghcr.io/Org/App:1")).rejects.toMatchObject({
      code: "DEPLOY_IMAGE_INVALID",
      message:
        'Cannot carry image "ghcr.io/Org/App:1" of instance all: ConfigMap/all: metadata.annotations["tenon.dev/images"]: it is no reference of an image',
    });
  });
});
