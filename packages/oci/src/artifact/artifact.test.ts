import { execFileSync } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { type Digest, digestHex } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { IMAGE_MANIFEST } from "../media-types.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import type { Registry } from "../registry.ts";
import { parseAnnotations } from "./annotations.ts";
import { buildArtifact, buildModuleArtifact } from "./build-artifact.ts";
import { configContent } from "./constants.ts";
import { fetchArtifact } from "./fetch-artifact.ts";
import { createLayerCache } from "./layer-cache.ts";
import { pullModule, pullModuleTo } from "./pull-module.ts";
import { pushArtifact } from "./push-artifact.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "tenon-artifact-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const module: Readonly<Record<string, string>> = {
  "cue.mod/module.cue": 'module: "timoni.sh/app"\n',
  "cue.mod/gen/k8s.io/a.cue": "package a\n",
  "timoni.cue": "package main\n",
  "values.cue": "package main\n",
  "templates/config.cue": "package templates\n",
  "notes.log": "log\n",
  "timoni.ignore": "*.log\n",
};

async function writeTree(
  files: Readonly<Record<string, string>>,
  name = "module",
): Promise<string> {
  const dir = join(root, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
  return dir;
}

async function pushModule(registry: Registry, files = module, tags = ["1.0.0"]): Promise<Digest> {
  const artifact = await buildModuleArtifact(await writeTree(files), { version: "1.0.0" });
  return (await pushArtifact(registry, "org/app", artifact, tags)).digest;
}

describe("buildModuleArtifact()", () => {
  it("makes the config blob that every module has", () => {
    expect([configContent.size, configContent.digest]).toEqual([
      115,
      "sha256:5b943e2b943f6c81dbbd4e2eca5121f4fcc39139e3d1219d6d89bd925b77d9fe",
    ]);
  });

  it("writes a manifest in the order of keys that Timoni has", async () => {
    const dir = await writeTree(module);
    const artifact = await buildModuleArtifact(dir, {
      version: "1.2.0",
      env: { SOURCE_DATE_EPOCH: "1700000000" },
      annotations: {
        "z.example/b": "2",
        "a.example/a": "k=v",
        "org.opencontainers.image.version": "9",
      },
    });
    const text = Buffer.from(artifact.manifest).toString();
    expect(
      text.replace(/"size":\d+,"digest":"sha256:\w+"/g, '"size":N,"digest":D'),
    ).toMatchInlineSnapshot(
      `"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.timoni.config.v1+json","size":N,"digest":D},"layers":[{"mediaType":"application/vnd.timoni.content.v1.tar+gzip","size":N,"digest":D,"annotations":{"sh.timoni.content.type":"module/vendor"}},{"mediaType":"application/vnd.timoni.content.v1.tar+gzip","size":N,"digest":D,"annotations":{"sh.timoni.content.type":"module"}}],"annotations":{"a.example/a":"k=v","org.opencontainers.image.created":"2023-11-14T22:13:20Z","org.opencontainers.image.version":"1.2.0","z.example/b":"2"}}"`,
    );
    expect(artifact.layers.map(({ contentType, diffId }) => [contentType, diffId]))
      .toMatchInlineSnapshot(`
      [
        [
          "module/vendor",
          "sha256:4d9fd4d4b60e899993e7dd15648866d32f20e74079f8e8319c3e19e4e4c7e486",
        ],
        [
          "module",
          "sha256:e20423bcb65e4219eaecc24d3d27432072a419a0fbb9370ff7b5404887281c94",
        ],
      ]
    `);
  });

  it("puts cue.mod in one layer and what is not ignored in the other", async () => {
    const registry = createMemoryRegistry();
    await pushModule(registry);
    const ref = { repository: "org/app", tag: "1.0.0" };
    const pull = async (contentType?: string) => [
      ...(await pullModule(registry, ref, { contentType })).files.keys(),
    ];
    expect(await pull("module/vendor")).toEqual(["cue.mod/gen/k8s.io/a.cue", "cue.mod/module.cue"]);
    expect(await pull("module")).toEqual([
      "templates/config.cue",
      "timoni.cue",
      "timoni.ignore",
      "values.cue",
    ]);
    expect(await pull()).toHaveLength(6);
    await expect(pull("other")).rejects.toMatchObject({ code: "OCI_LAYER_MISSING" });
  });

  it("packs a cue.mod that is not at the root, and leaves out vendored files that are named", async () => {
    const dir = await writeTree({
      ...module,
      "cue.mod/pkg/example.com/lib/testdata/a.log": "log\n",
      "cue.mod/pkg/example.com/lib/a.log": "log\n",
      "examples/cue.mod/module.cue": 'module: "example.com/nested"\n',
      "timoni.ignore": "*.log\n/cue.mod/**/testdata/\ncue.mod/module.cue\n",
    });
    const artifact = await buildModuleArtifact(dir, { version: "1.0.0" });
    const registry = createMemoryRegistry();
    await pushArtifact(registry, "org/app", artifact, ["1.0.0"]);
    const { files } = await pullModule(registry, { repository: "org/app", tag: "1.0.0" });
    expect([...files.keys()].toSorted()).toEqual([
      "cue.mod/gen/k8s.io/a.cue",
      "cue.mod/module.cue",
      "cue.mod/pkg/example.com/lib/a.log",
      "examples/cue.mod/module.cue",
      "templates/config.cue",
      "timoni.cue",
      "timoni.ignore",
      "values.cue",
    ]);
  });

  it("does not depend on time, owner and umask", async () => {
    const dir = await writeTree(module);
    const one = await buildModuleArtifact(dir, { version: "1.0.0" });
    await chmod(join(dir, "timoni.cue"), 0o600);
    await chmod(join(dir, "templates"), 0o700);
    await symlink("timoni.cue", join(dir, "link.cue"));
    const two = await buildModuleArtifact(dir, { version: "1.0.0" });
    expect(two.digest).toBe(one.digest);
    await chmod(join(dir, "timoni.cue"), 0o755);
    expect((await buildModuleArtifact(dir, { version: "1.0.0" })).digest).not.toBe(one.digest);
  });

  it("fails for a path that is no folder", async () => {
    for (const path of [join(root, "none"), join(await writeTree(module), "timoni.cue")]) {
      const building = buildModuleArtifact(path, { version: "1.0.0" });
      await expect(building).rejects.toMatchObject({ code: "OCI_SOURCE_INVALID" });
    }
  });

  it("says where it is not all as the commit has it", async () => {
    const dir = await writeTree({ ...module, "sub/empty.cue": "", "run.sh": "exit\n" }, "shop/app");
    await writeFile(join(root, "shop/beside.cue"), "package beside\n");
    await chmod(join(dir, "run.sh"), 0o755);
    await symlink("templates", join(dir, "linked"));
    const env = { PATH: process.env["PATH"] };
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
        cwd: join(root, "shop"),
        env,
      });
    git("init", "-q");
    await writeFile(join(root, "shop/.gitignore"), "*.log\ncue.mod/gen\n");
    git("add", ".");
    git("commit", "-qm", "first");
    const mark = async (annotations?: Readonly<Record<string, string>>) => {
      const options = { version: "1.0.0", env, annotations, resolveLinks: true };
      await using built = await buildModuleArtifact(dir, options);
      return built.annotations["tenon.dev/uncommitted"];
    };
    await writeFile(join(root, "shop/beside.cue"), "package changed\n");
    await writeFile(join(dir, "cue.mod/gen/k8s.io/a.cue"), "package b\n");
    expect(await mark()).toBeUndefined();
    await writeFile(join(dir, "new.cue"), "package main\n");
    expect(await mark()).toBe("true");
    await rm(join(dir, "new.cue"));
    await writeFile(join(dir, "cue.mod/module.cue"), 'module: "timoni.sh/other"\n');
    expect(await mark()).toBe("true");
    git("checkout", "-q", "app/cue.mod/module.cue");
    await writeFile(join(dir, "templates/config.cue"), "package changed\n");
    expect(await mark()).toBe("true");
    expect(await mark({ "org.opencontainers.image.revision": "abc" })).toBeUndefined();
    git("commit", "-qam", "second");
    expect(await mark()).toBeUndefined();
    await rm(join(dir, "sub/empty.cue"));
    expect(await mark()).toBe("true");
  });

  it("takes time, repository and commit from git, unless they are given", async () => {
    const dir = await writeTree(module);
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
        cwd: dir,
        env: { ...process.env, GIT_COMMITTER_DATE: "2023-11-14T22:13:20Z" },
      })
        .toString()
        .trim();
    git("init", "-q");
    git("remote", "add", "origin", "https://example.com/org/app.git");
    git("add", ".");
    git("commit", "-qm", "first");
    const env = { PATH: process.env["PATH"] };
    const found = await buildModuleArtifact(dir, { version: "1.0.0", env });
    expect(found.annotations).toEqual({
      "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
      "org.opencontainers.image.revision": git("rev-parse", "HEAD"),
      "org.opencontainers.image.source": "https://example.com/org/app.git",
      "org.opencontainers.image.version": "1.0.0",
    });
    const created = { "org.opencontainers.image.created": "2020-01-01T00:00:00Z" };
    const given = await buildModuleArtifact(dir, {
      version: "1.0.0",
      env: { ...env, SOURCE_DATE_EPOCH: "1" },
      annotations: created,
    });
    expect(given.annotations).toMatchObject(created);
    const epoch = await buildModuleArtifact(dir, {
      version: "1.0.0",
      env: { ...env, SOURCE_DATE_EPOCH: "x" },
    });
    expect(epoch.annotations["org.opencontainers.image.created"]).toBe("2023-11-14T22:13:20Z");
  });
});

describe("buildArtifact()", () => {
  it("packs a single file, and a folder with its ignore file", async () => {
    const dir = await writeTree({
      "a.yaml": "a",
      "b.tmp": "b",
      "timoni.ignore": "*.tmp\n/timoni.ignore",
    });
    const registry = createMemoryRegistry();
    const folder = await buildArtifact(dir, { contentType: "manifests" });
    await pushArtifact(registry, "org/folder", folder, ["latest", "1"]);
    const pulled = await pullModule(registry, { repository: "org/folder" });
    expect([...pulled.files.keys()]).toEqual(["a.yaml"]);
    expect([pulled.layers[0]?.contentType, pulled.version, pulled.annotations]).toEqual([
      "manifests",
      "",
      {},
    ]);
    const file = await buildArtifact(join(dir, "b.tmp"));
    expect(Buffer.from(file.manifest).toString()).not.toMatch(/"annotations":\{\}/);
    expect(file.layers[0]?.contentType).toBe("generic");
  });
});

describe("parseAnnotations()", () => {
  it("splits at the first equals sign, and the last of a key wins", () => {
    expect(parseAnnotations(["k=v=with=equals", "k2=1", "k2="])).toEqual({
      k: "v=with=equals",
      k2: "",
    });
    expect(() => parseAnnotations(["novalue"])).toThrowError(
      expect.objectContaining({ code: "OCI_ANNOTATION_INVALID" }),
    );
  });
});

describe("fetchArtifact()", () => {
  it("compares a digest that is given with a tag", async () => {
    const registry = createMemoryRegistry();
    const digest = await pushModule(registry, module, ["1.0.0", "latest"]);
    const found = await fetchArtifact(registry, { repository: "org/app", tag: "1.0.0", digest });
    expect([found.digest, found.version]).toEqual([digest, "1.0.0"]);
    expect((await fetchArtifact(registry, { repository: "org/app", digest })).digest).toBe(digest);
    expect((await fetchArtifact(registry, { repository: "org/app" })).digest).toBe(digest);
    const other = { repository: "org/app", tag: "1.0.0", digest: configContent.digest };
    await expect(fetchArtifact(registry, other)).rejects.toMatchObject({
      code: "OCI_DIGEST_MISMATCH",
    });
  });

  it("refuses what is no module", async () => {
    const registry = createMemoryRegistry();
    await registry.pushBlob("org/app", configContent, configContent.open);
    const push = async (configType: string, layerType: string) => {
      const layers = [
        { mediaType: layerType, size: configContent.size, digest: configContent.digest },
      ];
      const config = { ...layers[0], mediaType: configType };
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_MANIFEST, config, layers }),
      );
      await registry.pushManifest(
        "org/app",
        { mediaType: IMAGE_MANIFEST, bytes },
        { tags: ["latest"] },
      );
    };
    await push(
      "application/vnd.oci.image.config.v1+json",
      "application/vnd.timoni.content.v1.tar+gzip",
    );
    const image = fetchArtifact(registry, { repository: "org/app" });
    await expect(image).rejects.toMatchObject({ code: "OCI_UNSUPPORTED_MEDIA_TYPE" });
    await push("application/vnd.timoni.config.v1+json", "application/vnd.other");
    const empty = fetchArtifact(registry, { repository: "org/app" });
    await expect(empty).rejects.toMatchObject({ code: "OCI_LAYER_MISSING" });
  });
});

describe("pullModuleTo()", () => {
  const ref = { repository: "org/app", tag: "1.0.0" };

  it("uses the cache, and replaces what is damaged in it", async () => {
    const registry = createMemoryRegistry();
    await pushModule(registry);
    const dir = join(root, "cache");
    const cache = createLayerCache(dir);
    const states: Record<string, string[]> = {};
    const pull = async (name: string) => {
      const seen: string[] = (states[name] = []);
      const onProgress = ({ state }: { state: string }) => state !== "moving" && seen.push(state);
      const pulled = await pullModuleTo(registry, ref, join(root, name), { cache, onProgress });
      // Layers come at the same time.
      seen.sort(byText);
      return pulled;
    };
    const { layers } = await pull("one");
    const names = layers.map(({ digest }) => `${digestHex(digest)}.tgz`);
    expect((await readdir(dir)).toSorted(byText)).toEqual(names.toSorted(byText));
    expect((await stat(join(dir, names[0]!))).mode & 0o777).toBe(0o600);
    await pull("two");
    await writeFile(join(dir, names[0]!), "damaged");
    await pull("three");
    expect(states).toEqual({
      one: ["done", "done", "started", "started"],
      two: ["exists", "exists"],
      three: ["done", "exists", "started"],
    });
    expect(await readFile(join(root, "three/timoni.cue"), "utf8")).toBe("package main\n");
  });

  it("leaves nothing behind when a layer is damaged", async () => {
    const registry = createMemoryRegistry();
    await pushModule(registry);
    const lying: Registry = {
      ...registry,
      readBlob: async (repository, blob) => {
        const { size, stream } = await registry.readBlob(repository, blob);
        let flipped = false;
        const damaged = stream.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              const copy = Uint8Array.from(chunk);
              if (!flipped) copy[copy.length - 1]! ^= 1;
              flipped = true;
              controller.enqueue(copy);
            },
          }),
        );
        return { size, stream: damaged };
      },
    };
    const cache = createLayerCache(join(root, "cache"));
    for (const options of [{}, { cache }]) {
      const pulling = pullModuleTo(lying, ref, join(root, "out"), options);
      await expect(pulling).rejects.toMatchObject({ code: expect.stringMatching(/^OCI_/) });
    }
    expect((await readdir(root)).toSorted(byText)).toEqual(["cache", "module"]);
    expect(await readdir(join(root, "cache"))).toEqual([]);
  });

  it("fails for a path that is a file, and keeps the cache", async () => {
    const registry = createMemoryRegistry();
    await pushModule(registry);
    await writeFile(join(root, "out"), "file");
    const cache = createLayerCache(join(root, "cache"));
    const pulling = pullModuleTo(registry, ref, join(root, "out"), { cache });
    await expect(pulling).rejects.toMatchObject({ code: "OCI_SOURCE_INVALID" });
    expect(await readdir(join(root, "cache"))).toHaveLength(2);
  });
});

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
