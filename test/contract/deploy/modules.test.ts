import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { digestHex, parseDigest } from "@tenon/core";
import { createEngine, type Engine } from "@tenon/cue-wasm";
import {
  buildInstance,
  buildModule,
  listModuleVersions,
  openModule,
  publishModule,
  pullModule,
  readValues,
  vetModule,
  type DeployContext,
  type DeployEvent,
  type PublishedModule,
} from "@tenon/deploy";
import {
  buildArtifact,
  createMemoryRegistry,
  parseManifest,
  pushArtifact,
  serveRegistry,
  type Descriptor,
  type Registry,
  type RegistryServer,
} from "@tenon/oci";
import {
  configTable,
  initModule,
  insertConfigTable,
  moduleConfig,
  moduleReadme,
  vendorK8s,
} from "@tenon/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const app = fileURLToPath(new URL("../../../modules/app", import.meta.url));
const redis = fileURLToPath(new URL("../../../modules/redis", import.meta.url));

describe("modules, from a directory to a registry and back", () => {
  let engine: Engine;
  let registry: Registry;
  let server: RegistryServer;
  let dir: string;
  let url: string;
  let context: DeployContext;
  const events: DeployEvent[] = [];

  beforeAll(async () => {
    engine = await createEngine();
    registry = createMemoryRegistry();
    server = await serveRegistry(registry);
    dir = await mkdtemp(path.join(tmpdir(), "tenon-deploy-"));
    url = `oci://${server.host}/modules/shop`;
    context = {
      engine,
      env: { HOME: dir },
      cacheDir: path.join(dir, "cache"),
      onEvent: (event) => events.push(event),
    };
    await initModule({ name: "shop", dir });
    await vendorK8s({ moduleDir: path.join(dir, "shop") });
  });
  afterAll(async () => {
    engine?.close();
    await server?.[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  const publish = (version: string, latest = true): ReturnType<typeof publishModule> =>
    publishModule(context, { path: path.join(dir, "shop"), url, version, latest });

  it("publishModule() gives the same digest for the same files", async () => {
    const first = await publish("1.0.0");
    expect(first).toMatchObject({
      name: "example.com/shop",
      version: "1.0.0",
      tags: ["1.0.0", "latest"],
    });
    expect((await publish("1.0.0")).digest).toBe(first.digest);
    expect(first.url).toBe(`${url}@${first.digest}`);
  });

  it("publishModule() lets latest follow stable versions, and others when asked", async () => {
    const request = { path: path.join(dir, "shop"), url: `${url}-latest` };
    const tags: Record<string, readonly string[]> = {};
    for (const [version, latest] of [
      ["1.0.0", undefined],
      ["1.1.0-rc.1", undefined],
      ["1.1.0-rc.2", true],
      ["1.1.0", false],
    ] as const) {
      ({ tags: tags[version] } = await publishModule(context, { ...request, version, latest }));
    }
    expect(tags).toEqual({
      "1.0.0": ["1.0.0", "latest"],
      "1.1.0-rc.1": ["1.1.0-rc.1"],
      "1.1.0-rc.2": ["1.1.0-rc.2", "latest"],
      "1.1.0": ["1.1.0"],
    });
  });

  it("publishModule() attaches what describes the module, once", async () => {
    const first = await publish("1.0.0");
    const again = await publish("1.0.0");
    expect(again.attached).toEqual(first.attached);
    const listed: Descriptor[] = [];
    const subject = parseDigest(first.digest);
    for await (const entry of registry.listReferrers("modules/shop", subject)) listed.push(entry);
    expect(listed.map(({ digest }) => digest).toSorted()).toEqual(
      first.attached.map(({ digest }) => digest).toSorted(),
    );
    expect(first.attached.map(({ kind, file }) => [kind, file])).toEqual([
      ["schema", undefined],
      ["types", undefined],
      ["readme", undefined],
      ["provenance", undefined],
    ]);
    expect(JSON.parse(await attachedText(first, "schema"))).toMatchObject({
      title: "Values of example.com/shop",
      properties: { values: { properties: { replicas: { type: "integer", default: 1 } } } },
    });
    expect(await attachedText(first, "types")).toMatch(
      /^\/\/ The values of example.com\/shop.\nexport type Values = \{\n(.*\n)* {2}readonly replicas\?: number;\n/,
    );
    const readme = await readFile(path.join(dir, "shop/README.md"), "utf8");
    expect(await attachedText(first, "readme")).toBe(readme);
    expect(JSON.parse(await attachedText(first, "provenance"))).toMatchObject({
      subject: [{ name: "example.com/shop", digest: { sha256: digestHex(subject) } }],
    });
  });

  it("publishModule() attaches licences, and no file that is not packed", async () => {
    const licensed = path.join(dir, "licensed");
    await cp(path.join(dir, "shop"), licensed, { recursive: true });
    await writeFile(path.join(licensed, "LICENSE"), "Do as you like.\n");
    await writeFile(path.join(licensed, "NOTICE.txt"), "Made by us.\n");
    await writeFile(path.join(licensed, "timoni.ignore"), "README.md\n");
    const target = `oci://${server.host}/modules/licensed`;
    const request = { path: licensed, url: target, version: "1.0.0", latest: false };
    const { attached } = await publishModule(context, request);
    expect(attached.map(({ kind, file }) => file ?? kind)).toEqual([
      "schema",
      "types",
      "LICENSE",
      "NOTICE.txt",
      "provenance",
    ]);
  });

  async function attachedText({ attached }: PublishedModule, kind: string): Promise<string> {
    const { digest } = attached.find((entry) => entry.kind === kind)!;
    const manifest = await registry.readManifest("modules/shop", parseDigest(digest));
    const [layer] = parseManifest(manifest.bytes).layers;
    const { stream } = await registry.readBlob("modules/shop", layer!);
    return new Response(stream).text();
  }

  it("publishModule() publishes a module without a schema too", async () => {
    const broken = path.join(dir, "broken");
    await cp(path.join(dir, "shop"), broken, { recursive: true });
    await writeFile(path.join(broken, "templates/config.cue"), "package templates\n#Config: {");
    const target = `oci://${server.host}/modules/broken`;
    const request = { path: broken, url: target, version: "1.0.0", latest: false };
    const published = await publishModule(context, request);
    expect(published).toMatchObject({
      schemaFailure: { code: "SCHEMA_BUILD_FAILED" },
      tags: ["1.0.0"],
    });
    expect(published.schema).toBeUndefined();
  });

  it("publishModule() compares a built module with what is published, as its folder", async () => {
    await publish("1.0.0");
    const changed = path.join(dir, "changed");
    await cp(path.join(dir, "shop"), changed, { recursive: true });
    const config = path.join(changed, "templates/config.cue");
    const text = await readFile(config, "utf8");
    await writeFile(config, text.replace("replicas: *1 | int & >=0", "replicas: *1 | int & >=1"));
    const output = path.join(dir, "changed.tar");
    const request = { dir: changed, version: "1.0.1", output, format: "oci-archive" } as const;
    const built = await buildModule(context, request);
    expect(built).toMatchObject({ name: "example.com/shop", version: "1.0.1", isPacked: false });
    const compatibility = { samples: [] };
    const pushed = publishModule(context, { path: output, url, latest: false, compatibility });
    await expect(pushed).rejects.toMatchObject({
      code: "DEPLOY_INCOMPATIBLE",
      message: `Cannot push module ${output} as 1.0.1: it breaks what works with 1.0.0`,
      hint: "Build it as 2.0.0, or keep what there was",
    });
    const published = await publishModule(context, { path: output, url, latest: false });
    expect(published).toMatchObject({ digest: built.digest, version: "1.0.1", tags: ["1.0.1"] });
    expect(published.schema).toBeDefined();
    await registry.deleteTag("modules/shop", "1.0.1");
  });

  it("publishModule() refuses versions that are none and leaves nothing behind", async () => {
    for (const version of ["1.0", "v1.0.0", "latest", "1.0.0+build"]) {
      await expect(publish(version)).rejects.toMatchObject({ code: "DEPLOY_VERSION_INVALID" });
    }
  });

  it("listModuleVersions() sorts by version, newest first", async () => {
    await publish("1.10.0", false);
    await publish("1.9.0", false);
    const { versions, total } = await listModuleVersions(context, {
      url,
      limit: 2,
      withDigest: false,
    });
    expect(versions.map(({ version }) => version)).toEqual(["latest", "1.10.0", "1.9.0"]);
    expect(total).toBe(3);
  });

  it("openModule() opens by version, by digest, by both, and from the cache", async () => {
    const { digest } = await publish("1.0.0");
    for (const request of [
      { version: "1.0.0" },
      { digest },
      { version: "1.0.0", digest },
      { version: "latest", digest },
    ]) {
      const module = await openModule(context, { location: url, ...request });
      expect(module).toMatchObject({
        name: "example.com/shop",
        repository: url,
        version: "1.0.0",
        digest,
      });
    }
    expect(events.filter((event) => event.type === "module-opened").length).toBeGreaterThan(0);
  });

  it("openModule() opens the newest version in a range, and pre-releases only where it names them", async () => {
    await publish("2.0.0-rc.1", false);
    const opened = async (version: string): Promise<string> =>
      (await openModule(context, { location: url, version })).version;
    const ranges = [
      "^1.9",
      "~1.9.0",
      ">=1 <1.10",
      ">=1, <1.10",
      "*",
      "^2.0.0-rc.0",
      "1.0.0 || 1.9.0",
    ];
    expect(await Promise.all(ranges.map(opened))).toEqual([
      "1.10.0",
      "1.9.0",
      "1.9.0",
      "1.9.0",
      "1.10.0",
      "2.0.0-rc.1",
      "1.9.0",
    ]);
    await expect(opened("^3")).rejects.toMatchObject({
      code: "DEPLOY_VERSION_NOT_FOUND",
      hint: "The newest that it has: 2.0.0-rc.1, 1.10.0, 1.9.0, 1.0.0",
    });
    await expect(opened("^one")).rejects.toMatchObject({ code: "DEPLOY_VERSION_INVALID" });
  });

  it("openModule() refuses another digest than the one asked for", async () => {
    const digest = `sha256:${"0".repeat(64)}`;
    await expect(
      openModule(context, { location: url, version: "1.0.0", digest }),
    ).rejects.toMatchObject({
      code: "OCI_DIGEST_MISMATCH",
    });
    await expect(openModule(context, { location: app, digest })).rejects.toMatchObject({
      code: "DEPLOY_DIGEST_MISMATCH",
    });
  });

  it("openModule() refuses what is no module", async () => {
    const file = path.join(dir, "note.txt");
    await writeFile(file, "text");
    await using artifact = await buildArtifact(file);
    await pushArtifact(registry, "other/thing", artifact, ["1.0.0"]);
    const location = `oci://${server.host}/other/thing`;
    await expect(openModule(context, { location, version: "1.0.0" })).rejects.toMatchObject({
      code: "SCHEMA_MODULE_INVALID",
    });
    await expect(openModule(context, { location, version: "2.0.0" })).rejects.toMatchObject({
      code: "OCI_MANIFEST_UNKNOWN",
    });
    await expect(openModule(context, { location: "oci://127.0.0.1:1/x/y" })).rejects.toMatchObject({
      code: "OCI_UNREACHABLE",
    });
  });

  it("pullModule() gives the published files byte for byte", async () => {
    const output = path.join(dir, "pulled");
    await pullModule(context, { url, version: "1.0.0", output });
    for (const name of [
      "timoni.cue",
      "templates/config.cue",
      "cue.mod/gen/k8s.io/api/apps/v1/types_go_gen.cue",
    ]) {
      expect(await readFile(path.join(output, name))).toEqual(
        await readFile(path.join(dir, "shop", name)),
      );
    }
    await expect(readFile(path.join(output, "debug_values.cue"))).rejects.toThrow("ENOENT");
  });

  it("pullModule() unpacks no trust policy, and leaves that of the folder", async () => {
    const evil = path.join(dir, "evil");
    await cp(path.join(dir, "shop"), evil, { recursive: true });
    await mkdir(path.join(evil, "sub"));
    for (const name of ["tenon.trust.yaml", "sub/Tenon.Trust.YAML", "sub/notes.txt"]) {
      await writeFile(path.join(evil, name), "theirs");
    }
    const target = `${url}-evil`;
    await publishModule(context, { path: evil, url: target, version: "1.0.0" });
    const output = path.join(dir, "mine");
    await mkdir(output);
    await writeFile(path.join(output, "tenon.trust.yaml"), "mine");
    await pullModule(context, { url: target, version: "1.0.0", output });
    expect(await readFile(path.join(output, "tenon.trust.yaml"), "utf8")).toBe("mine");
    expect(await readdir(path.join(output, "sub"))).toEqual(["notes.txt"]);
  });

  it("buildInstance() renders the artifact with its own version", async () => {
    const module = await openModule(context, { location: url, version: "1.0.0" });
    const { sets } = await buildInstance(context, { module, name: "web", namespace: "apps" });
    const labels = sets[0]?.objects[0]?.view.metadata.labels;
    expect(labels?.["app.kubernetes.io/version"]).toBe("1.0.0");
  });

  it("the READMEs of the modules and of the blueprint list the values as they are", async () => {
    for (const location of [app, redis, path.join(dir, "shop")]) {
      const module = await openModule(context, { location });
      const readme = moduleReadme(module);
      const table = configTable(await moduleConfig(engine, { module }));
      expect(insertConfigTable(readme, table, `${location}/README.md`)).toBe(readme);
    }
  });

  it("moduleConfig() and moduleReadme() give of an artifact what they give of its folder", async () => {
    await publish("1.2.0");
    const folder = await openModule(context, { location: path.join(dir, "shop") });
    const artifact = await openModule(context, { location: url, version: "1.2.0" });
    expect(moduleReadme(artifact)).toBe(moduleReadme(folder));
    const alone = await openModule(context, { location: url, version: "1.2.0", alone: true });
    expect(moduleReadme(alone)).toBe(moduleReadme(folder));
    expect(alone.files.has("cue.mod/module.cue")).toBe(false);
    expect(await moduleConfig(engine, { module: artifact })).toEqual(
      await moduleConfig(engine, { module: folder }),
    );
  });

  it.each([
    ["app", app],
    ["redis", redis],
  ])("vetModule() finds nothing in modules/%s", async (name, location) => {
    const module = await openModule(context, { location });
    const files = await readdir(path.join(location, "testdata"));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const values = await readValues({ files: [path.join(location, "testdata", file)] });
      const report = await vetModule(context, {
        module,
        name,
        namespace: "apps",
        values,
        strict: true,
      });
      expect(report.objects.length).toBeGreaterThan(2);
      expect(report.images.length).toBeGreaterThan(0);
    }
  });
});
