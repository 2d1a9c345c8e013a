import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { type Engine, createEngine } from "@tenon/cue-wasm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { ModuleRegistry, type Printed } from "../../support/module-registry.ts";
import { publishLib } from "../../support/published-modules.ts";
import { readTree } from "../../support/read-tree.ts";

describe("tenon vendor", () => {
  let engine: Engine;
  let modules: ModuleRegistry;

  beforeAll(async () => {
    engine = await createEngine({ concurrency: 1 });
  });
  afterAll(() => engine?.close());
  beforeEach(async () => {
    modules = await ModuleRegistry.start(engine);
    await publishLib(modules.registry, "v0.1.0", 80);
    await modules.push("1.2.0", { requires: "v0.1.0" });
    await modules.push("1.3.0");
    await modules.writeBundle({ web: "^1.2", api: "1.2.0" });
    await rm(modules.dir.file("cache"), { recursive: true });
    modules.requests.length = 0;
    return () => modules[Symbol.asyncDispose]();
  });

  const shown = (text: string): string => modules.shown(text);
  const file = (): string => modules.dir.file("b/bundle.cue");
  const folder = (): string => modules.dir.file("b/tenon_modules");
  const repository = (): string => path.join(folder(), modules.host.replace(":", "_"), "org/app");
  const vendor = (...flags: string[]): Promise<Printed> =>
    modules.tenon("vendor", "-f", file(), ...flags);
  const build = (...flags: string[]): Promise<Printed> =>
    modules.tenon("bundle", "build", "-f", file(), ...flags);

  it("writes what a bundle needs, with which it is built without a request", async () => {
    const online = await build();
    const { code, stdout, stderr } = await vendor();
    expect(code, stderr).toBe(0);
    expect(shown(stdout)).toMatchInlineSnapshot(`
      "added oci://HOST/cue/example.com/lib:v0.1.0@sha256:…
      added oci://HOST/org/app:1.2.0@sha256:…
      added oci://HOST/org/app:1.3.0@sha256:…
      bundle shop 3 artifacts in DIR/b/tenon_modules
      "
    `);
    await rm(modules.dir.file("cache"), { recursive: true });
    modules.requests.length = 0;
    const offline = await build("--offline");
    expect(offline).toEqual(online);
    modules.env["TENON_OFFLINE"] = "true";
    expect((await build("--locked")).stderr).toContain("DEPLOY_LOCK_MISSING");
    expect((await modules.tenon("bundle", "lock", "-f", file())).code).toBe(0);
    expect(await build("--locked")).toEqual(online);
    expect(modules.requests).toEqual([]);
  });

  it("changes nothing and moves no blob again where all is there, and heals what is damaged", async () => {
    await vendor();
    const before = await readTree(folder());
    modules.requests.length = 0;
    const { stdout } = await vendor();
    expect(shown(stdout)).toBe("bundle shop 3 artifacts in DIR/b/tenon_modules\n");
    expect(await readTree(folder())).toEqual(before);
    expect(modules.requests.filter((line) => line.includes("/blobs/"))).toEqual([]);
    for (const name of Object.keys(before).filter((at) => at.includes("/blobs/"))) {
      const blob = path.join(folder(), name);
      await writeFile(blob, Buffer.alloc((await stat(blob)).size));
    }
    expect((await build("--offline")).code).not.toBe(0);
    expect(await vendor()).toMatchObject({ code: 0 });
    expect(await readTree(folder())).toEqual(before);
  });

  it("deletes what nothing needs any more, and keeps what another bundle needs", async () => {
    await vendor();
    await modules.writeBundle({ web: "1.3.0" });
    await modules.dir.write({
      "b/other.cue": (await readFile(file(), "utf8")).replace("shop", "other"),
      "b/tenon_modules/mine/notes.txt": "mine",
    });
    expect((await modules.tenon("vendor", "-f", modules.dir.file("b/other.cue"))).code).toBe(0);
    const { stdout } = await vendor();
    expect(shown(stdout)).toMatchInlineSnapshot(`
      "removed oci://HOST/cue/example.com/lib:v0.1.0@sha256:…
      removed oci://HOST/org/app:1.2.0@sha256:…
      bundle shop 1 artifact in DIR/b/tenon_modules
      "
    `);
    const list = await readFile(modules.dir.file("b/tenon_modules/vendored.json"), "utf8");
    expect(shown(list)).toMatchInlineSnapshot(`
      "{
        "users": {
          "bundle other": [
            "oci://HOST/org/app:1.3.0@sha256:…"
          ],
          "bundle shop": [
            "oci://HOST/org/app:1.3.0@sha256:…"
          ]
        }
      }
      "
    `);
    const names = Object.keys(await readTree(folder())).filter((name) => !name.includes("/blobs/"));
    expect(names.map(shown).toSorted()).toMatchInlineSnapshot(`
      [
        "HOST/org/app/index.json",
        "HOST/org/app/oci-layout",
        "mine/notes.txt",
        "vendored.json",
      ]
    `);
    const blobs = await readdir(path.join(repository(), "blobs/sha256"));
    // The schema that refers to the module comes along.
    expect(blobs.length).toBeGreaterThan(4);
    expect((await build("--offline")).code).toBe(0);
  });

  it("keeps what each of several runs at the same time needs", async () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const bundles = await Promise.all(
      names.map((name, at) => modules.writeBundle({ web: `1.${2 + (at % 2)}.0` }, name)),
    );
    const runs = await Promise.all(bundles.map((bundle) => modules.tenon("vendor", "-f", bundle)));
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      bundles.map(() => ({ code: 0, stderr: "" })),
    );
    const list = await readFile(modules.dir.file("b/tenon_modules/vendored.json"), "utf8");
    const { users } = JSON.parse(list) as { readonly users: object };
    expect(Object.keys(users)).toEqual(names.map((name) => `bundle ${name}`));
    for (const bundle of bundles) {
      const { code, stderr } = await modules.tenon("bundle", "build", "-f", bundle, "--offline");
      expect(code, stderr).toBe(0);
    }
    expect(await readdir(folder())).not.toContain(".lock");
  });

  it("says what is missing, where, and how to get it", async () => {
    const { code, stderr } = await build("--offline");
    expect(code).toBe(2);
    expect(shown(stderr)).toMatchInlineSnapshot(`
      "error: Cannot build 2 instances of bundle shop: web, api [DEPLOY_INSTANCES_INVALID]
      DIR/b/bundle.cue:4:59: web: cannot read oci://HOST/org/app with --offline: DIR/b/tenon_modules does not have it
          4 | 		module: {url: "oci://HOST/org/app", version: "^1.2"}
            | 		                                                        ^
      DIR/b/bundle.cue:8:59: api: cannot read oci://HOST/org/app:1.2.0 with --offline: DIR/b/tenon_modules does not have it
          8 | 		module: {url: "oci://HOST/org/app", version: "1.2.0"}
            | 		                                                        ^
      hint: Get it with \`tenon vendor -f DIR/b/bundle.cue\`, where there is a network
      "
    `);
    const module = await modules.tenon("build", "app", modules.url, "-v", "1.2.0", "--offline");
    expect(shown(module.stderr)).toMatchInlineSnapshot(`
      "error: Cannot read oci://HOST/org/app:1.2.0 with --offline: tenon_modules does not have it [DEPLOY_OFFLINE]
      hint: Get it with \`tenon vendor oci://HOST/org/app -v 1.2.0\`, where there is a network
      "
    `);
    const pushed = await modules.tenon(
      "mod",
      "push",
      modules.dir.file("app"),
      modules.url,
      "-v",
      "2.0.0",
      "--offline",
    );
    expect(shown(pushed.stderr)).toMatchInlineSnapshot(`
      "error: Cannot push to oci://HOST/org/app: --offline asks nothing of the network [DEPLOY_OFFLINE]
      hint: Leave --offline out, and TENON_OFFLINE
      "
    `);
    const login = await modules.tenon(
      "registry",
      "login",
      modules.host,
      "-u",
      "me",
      "--password",
      "x",
      "--offline",
    );
    expect(shown(login.stderr)).toMatchInlineSnapshot(`
      "error: --offline asks no registry, and this one has to be asked [CLI_USAGE]
      hint: Run \`tenon registry login --help\` for usage
      "
    `);
    const again = await vendor("--offline");
    expect(shown(again.stderr)).toMatchInlineSnapshot(`
      "error: Cannot vendor modules: --offline asks nothing of the network [DEPLOY_OFFLINE]
      hint: Leave --offline out, and TENON_OFFLINE
      "
    `);
    expect(modules.requests).toEqual([]);
  });

  it("takes one module, or the CUE modules of a folder", async () => {
    modules.env["TENON_VENDOR_DIR"] = modules.dir.file("v");
    await modules.writeModule("own", "1.0.0", { requires: "v0.1.0" });
    const own = await modules.tenon("vendor", modules.dir.file("own"));
    expect(shown(own.stdout)).toMatchInlineSnapshot(`
      "added oci://HOST/cue/example.com/lib:v0.1.0@sha256:…
      module example.com/app 1 artifact in DIR/v
      "
    `);
    const args = [modules.url, "-v", "1.2.0"];
    const { code, stdout, stderr } = await modules.tenon("vendor", ...args);
    expect(code, stderr).toBe(0);
    expect(shown(stdout)).toMatchInlineSnapshot(`
      "added oci://HOST/org/app:1.2.0@sha256:…
      module oci://HOST/org/app 1.2.0 2 artifacts in DIR/v
      "
    `);
    await modules.stop();
    await rm(modules.dir.file("cache"), { recursive: true, force: true });
    expect((await modules.tenon("build", "app", ...args, "--offline")).code).toBe(0);
    expect((await modules.tenon("build", "app", modules.dir.file("own"), "--offline")).code).toBe(
      0,
    );
  });

  it("is finished by another run after it was cut short", async () => {
    await mkdir(folder(), { recursive: true });
    await mkdir(path.join(repository(), "blobs/sha256"), { recursive: true });
    await writeFile(path.join(repository(), "blobs/sha256/.half.0a1b"), "half");
    await writeFile(path.join(repository(), "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
    expect((await vendor()).code).toBe(0);
    expect(await readdir(path.join(repository(), "blobs/sha256"))).not.toContain(".half.0a1b");
    expect((await build("--offline")).code).toBe(0);
  });
});
