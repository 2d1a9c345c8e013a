import { readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { createEngine, type Engine } from "@tenon/cue-wasm";
import { type DeployContext, openModule } from "@tenon/deploy";
import {
  bytesContent,
  createMemoryRegistry,
  type Registry,
  type RegistryServer,
  serveRegistry,
} from "@tenon/oci";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type TempDir, tempDir } from "../../support/temp-dir.ts";
import { type ZipEntry, zipArchive } from "../../support/zip-archive.ts";

const credentials = { username: "user", password: "only-for-the-test" };

describe("openModule() of a module that requires CUE modules", () => {
  let engine: Engine;
  let registry: Registry;
  let server: RegistryServer;
  let locked: RegistryServer;
  let dir: TempDir;
  let requests: string[];

  beforeAll(async () => {
    engine = await createEngine({ concurrency: 1 });
    registry = createMemoryRegistry();
    const onRequest = ({ path }: { path: string }): unknown => requests.push(path);
    server = await serveRegistry(registry, { onRequest });
    locked = await serveRegistry(registry, { credentials });
    await publish("lib", "v0.1.0");
    await publish("lib", "v0.2.0");
    await publish("a", "v0.1.0", { requires: ["lib@v0.1.0"] });
    await publish("b", "v0.1.0", { requires: ["lib@v0.2.0", "app@v0.9.0"] });
  });
  afterAll(async () => {
    engine?.close();
    await server?.close();
    await locked?.close();
  });
  beforeEach(async () => {
    requests = [];
    dir = await tempDir();
    return () => dir[Symbol.asyncDispose]();
  });

  async function publish(
    name: string,
    version: string,
    {
      requires = [],
      entries = [],
      type = "application/vnd.cue.module.v1+json",
    }: { requires?: readonly string[]; entries?: readonly ZipEntry[]; type?: string } = {},
  ): Promise<void> {
    const repository = `example.com/${name}`;
    const config = bytesContent(Buffer.from("{}"));
    const archive = bytesContent(
      zipArchive([
        { name: "cue.mod/module.cue", content: moduleFile(name, requires) },
        { name: `${name}.cue`, content: `package ${name}\n` },
        ...entries,
      ]),
    );
    for (const blob of [config, archive]) await registry.pushBlob(repository, blob, blob.open);
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const manifest = {
      schemaVersion: 2,
      mediaType,
      config: { mediaType: type, digest: config.digest, size: config.size },
      layers: [{ mediaType: "application/zip", digest: archive.digest, size: archive.size }],
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    await registry.pushManifest(repository, { mediaType, bytes }, { tags: [version] });
  }

  function contextFor(env: Readonly<Record<string, string>> = {}): DeployContext {
    return {
      engine,
      env: { HOME: dir.path, CUE_REGISTRY: server.host, ...env },
      cacheDir: dir.file("cache"),
    };
  }

  /** The modules that come with a module that requires others. */
  async function required(
    requires: readonly string[],
    context = contextFor(),
  ): Promise<readonly string[]> {
    await dir.write({
      "app/cue.mod/module.cue": moduleFile("app", requires),
      "app/timoni.cue": "package main\n",
      "app/values.cue": "package main\n",
    });
    const { files } = await openModule(context, { location: dir.file("app") });
    const heads = [...files.keys()].flatMap((name) => {
      return /^cue\.mod\/dependencies\/(.*)\/cue\.mod\/module\.cue$/.exec(name)?.[1] ?? [];
    });
    return heads.toSorted();
  }

  it("asks no registry where it requires none", async () => {
    expect(await required([])).toEqual([]);
    expect(requests).toEqual([]);
    expect(await readdir(dir.path)).toEqual(["app"]);
  });

  it("asks no registry where it is not evaluated", async () => {
    await expect(required(["none@v0.1.0"])).rejects.toMatchObject({
      message: `Cannot fetch CUE module example.com/none@v0.1.0: the registry ${server.host} has no example.com/none:v0.1.0`,
    });
    const { files } = await openModule(contextFor(), { location: dir.file("app"), alone: true });
    expect(files.size).toBe(3);
  });

  it("takes the newest version of what others require, and never itself", async () => {
    expect(await required(["a@v0.1.0", "b@v0.1.0"])).toEqual([
      "example.com/a@v0.1.0",
      "example.com/b@v0.1.0",
      "example.com/lib@v0.2.0",
    ]);
  });

  it("asks once for each, and again for what is damaged in the cache", async () => {
    await required(["lib@v0.1.0"]);
    const first = requests.splice(0);
    expect(first.filter((path) => path.includes("/manifests/"))).toHaveLength(1);
    expect(await required(["lib@v0.1.0"])).toEqual(["example.com/lib@v0.1.0"]);
    expect(requests).toEqual([]);
    const cached = await readdir(dir.file("cache/cue"));
    for (const name of cached) await writeFile(dir.file("cache/cue", name), "damaged");
    expect(await required(["lib@v0.1.0"])).toEqual(["example.com/lib@v0.1.0"]);
    expect(requests).toEqual(first);
  });

  it("takes the credentials of Docker", async () => {
    const context = contextFor({ CUE_REGISTRY: locked.host });
    await expect(required(["lib@v0.1.0"], context)).rejects.toMatchObject({
      code: "DEPLOY_CUE_MODULE_UNAVAILABLE",
      hint: `Run: tenon registry login ${locked.host}`,
    });
    const auth = Buffer.from(Object.values(credentials).join(":")).toString("base64");
    await dir.write({
      ".docker/config.json": JSON.stringify({ auths: { [locked.host]: { auth } } }),
    });
    expect(await required(["lib@v0.1.0"], context)).toEqual(["example.com/lib@v0.1.0"]);
  });

  it("takes the token of `cue login`", async () => {
    const token = "only-for-the-test";
    await using front = await tokenFront(server.host, token);
    const context = contextFor({ CUE_REGISTRY: front.host, CUE_CONFIG_DIR: dir.file("cue") });
    const file = await dir.write({ "cue/logins.json": "{" });
    await expect(required(["lib@v0.1.0"], context)).rejects.toMatchObject({
      code: "DEPLOY_CUE_MODULE_UNAVAILABLE",
      message: `Cannot fetch CUE module example.com/lib@v0.1.0: cannot read credentials from ${file}: it is not JSON`,
    });
    const registries = { [front.host]: { access_token: token, token_type: "Bearer" } };
    await dir.write({ "cue/logins.json": JSON.stringify({ registries }) });
    expect(await required(["lib@v0.1.0"], context)).toEqual(["example.com/lib@v0.1.0"]);
  });

  it("refuses what is no such module, and forgets it", async () => {
    await publish("bad", "v0.1.0", { type: "application/vnd.timoni.config.v1+json" });
    await expect(required(["bad@v0.1.0"])).rejects.toMatchObject({
      code: "DEPLOY_CUE_MODULE_INVALID",
      message:
        "Cannot fetch CUE module example.com/bad@v0.1.0: it is no CUE module: its config is of type application/vnd.timoni.config.v1+json",
      diagnostics: [{ positions: [{ file: dir.file("app/cue.mod/module.cue"), line: 4 }] }],
    });
    await publish("bad", "v0.1.0", { entries: [{ name: "../../out.cue", content: "" }] });
    await expect(required(["bad@v0.1.0"])).rejects.toMatchObject({
      code: "DEPLOY_CUE_MODULE_INVALID",
      message: expect.stringContaining("../../out.cue") as string,
    });
    await publish("bad", "v0.1.0");
    expect(await required(["bad@v0.1.0"])).toEqual(["example.com/bad@v0.1.0"]);
  });
});

function moduleFile(name: string, requires: readonly string[]): string {
  const deps = requires.map((text) => {
    const [path, version] = text.split("@");
    return `\t"example.com/${path}@v0": v: "${version}"\n`;
  });
  const list = deps.length === 0 ? "" : `deps: {\n${deps.join("")}}\n`;
  return `module: "example.com/${name}@v0"\nlanguage: version: "v0.14.0"\n${list}`;
}

/** A registry that another one serves, for those who have a token. */
async function tokenFront(
  host: string,
  token: string,
): Promise<{ readonly host: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      const challenge = `Bearer realm="http://${host}/token"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return;
    }
    void fetch(`http://${host}${request.url}`).then(async (answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
