import { readFile, readdir, rm, writeFile } from "node:fs/promises";

import { type Engine, createEngine } from "@tenon/cue-wasm";
import { serveRegistry } from "@tenon/oci";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { ModuleRegistry, type Printed } from "../../support/module-registry.ts";
import { publishLib } from "../../support/published-modules.ts";

describe("tenon.lock", () => {
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
    await modules.push("1.3.0", { requires: "v0.1.0" });
    await modules.writeBundle({ web: "^1.2", api: "1.2.0", edge: "latest" });
    return () => modules[Symbol.asyncDispose]();
  });

  const shown = (text: string): string => modules.shown(text);
  const file = (): string => modules.dir.file("b/bundle.cue");
  const lockFile = (): string => modules.dir.file("b/tenon.lock");
  const lock = (): Promise<Printed> => modules.tenon("bundle", "lock", "-f", file());
  const build = (...flags: string[]): Promise<Printed> =>
    modules.tenon("bundle", "build", "-f", file(), ...flags);

  it("lists every module with its version and digest, and the CUE modules that they require", async () => {
    const { code, stdout, stderr } = await lock();
    expect(code, stderr).toBe(0);
    expect(shown(stdout)).toMatchInlineSnapshot(`
      "added example.com/lib@v0.1.0 sha256:…
      added oci://HOST/org/app 1.2.0 1.2.0 sha256:…
      added oci://HOST/org/app ^1.2 1.3.0 sha256:…
      added oci://HOST/org/app latest 1.3.0 sha256:…
      shop 3 modules and 1 CUE module: DIR/b/tenon.lock was written
      "
    `);
    const text = await readFile(lockFile(), "utf8");
    expect(shown(text)).toMatchInlineSnapshot(`
      "# What the bundles of this folder were resolved to. Keep it in version control;
      # \`tenon bundle lock\` and \`tenon bundle update\` change it.
      lockVersion: 1
      bundles:
        - name: shop
          modules:
            - module: oci://HOST/org/app
              asked: 1.2.0
              version: 1.2.0
              digest: sha256:…
            - module: oci://HOST/org/app
              asked: ^1.2
              version: 1.3.0
              digest: sha256:…
            - module: oci://HOST/org/app
              asked: latest
              version: 1.3.0
              digest: sha256:…
          cueModules:
            - module: example.com/lib@v0.1.0
              digest: sha256:…
      "
    `);
    expect(shown((await lock()).stdout)).toBe(
      "shop 3 modules and 1 CUE module: DIR/b/tenon.lock is up to date\n",
    );
    expect(await readFile(lockFile(), "utf8")).toBe(text);
    expect((await build("--locked")).code).toBe(0);
  });

  it("holds ranges and latest where they were, until they are updated", async () => {
    await lock();
    const before = (await build()).stdout;
    await modules.push("1.4.0");
    expect((await build()).stdout).toBe(before);
    expect((await build("--locked")).stdout).toBe(before);
    await rm(lockFile());
    expect((await build()).stdout).toContain("release: 1.4.0");
  });

  it("refuses another content behind a tag, at the place of the version", async () => {
    await lock();
    await modules.push("1.2.0", { release: "evil", flags: ["--overwrite"] });
    for (const flags of [[], ["--locked"]]) {
      const { code, stderr } = await build(...flags);
      expect(code).toBe(2);
      expect(shown(stderr)).toMatchInlineSnapshot(`
        "error: Cannot use oci://HOST/org/app:1.2.0: the registry has sha256:…, and DIR/b/tenon.lock says sha256:… [DEPLOY_LOCK_MISMATCH]
        DIR/b/bundle.cue:8:59: cannot use oci://HOST/org/app:1.2.0: the registry has sha256:…, and DIR/b/tenon.lock says sha256:…
            8 | 		module: {url: "oci://HOST/org/app", version: "1.2.0"}
              | 		                                                        ^
        hint: The tag was moved. If you trust what is there now, take it with \`tenon bundle update\`
        "
      `);
    }
  });

  it("takes another content behind a tag by an update", async () => {
    await lock();
    await modules.push("1.2.0", { release: "moved", flags: ["--overwrite"] });
    const { stdout, stderr } = await modules.tenon(
      "bundle",
      "update",
      "api",
      "-f",
      file(),
      "--dry-run",
    );
    expect(stderr).toBe("");
    expect(stdout).toContain('+\t\tmodule: {url: "');
    await modules.writeBundle({ web: "^1.2", api: "1.2.0", edge: "latest" });
    await modules.push("1.3.0", { release: "moved", flags: ["--overwrite"] });
    expect((await lock()).stderr).toContain("DEPLOY_LOCK_MISMATCH");
    const updated = await modules.tenon("bundle", "update", "-f", file());
    expect(updated.code, updated.stderr).toBe(0);
    expect((await build("--locked")).stdout).toContain("release: moved");
  });

  it("refuses another content of a CUE module", async () => {
    await lock();
    await publishLib(modules.registry, "v0.1.0", 81);
    await rm(modules.dir.file("cache"), { recursive: true });
    const { code, stderr } = await build();
    expect(code).toBe(2);
    expect(shown(stderr)).toMatchInlineSnapshot(`
      "error: Cannot build 3 instances of bundle shop: web, api, edge [DEPLOY_INSTANCES_INVALID]
      oci://HOST/org/app:1.3.0/cue.mod/module.cue:3:7: web: CUE module example.com/lib@v0.1.0: the registry has sha256:…, and DIR/b/tenon.lock says sha256:…
          3 | deps: "example.com/lib@v0": v: "v0.1.0"
            |       ^
      oci://HOST/org/app:1.2.0/cue.mod/module.cue:3:7: api: CUE module example.com/lib@v0.1.0: the registry has sha256:…, and DIR/b/tenon.lock says sha256:…
          3 | deps: "example.com/lib@v0": v: "v0.1.0"
            |       ^
      oci://HOST/org/app@sha256:…/cue.mod/module.cue:3:7: edge: CUE module example.com/lib@v0.1.0: the registry has sha256:…, and DIR/b/tenon.lock says sha256:…
          3 | deps: "example.com/lib@v0": v: "v0.1.0"
            |       ^
      hint: A version of a CUE module never changes: ask who publishes it. If you trust what is there now, remove example.com/lib@v0.1.0 from DIR/b/tenon.lock
      "
    `);
  });

  it("says what it does not list; with --locked that is an error, and so is what nothing uses", async () => {
    await lock();
    await modules.writeBundle({ web: "~1.3.0", api: "1.2.0" });
    const built = await build();
    expect(built.code).toBe(0);
    expect(shown(built.stderr)).toMatchInlineSnapshot(`
      "warning: oci://HOST/org/app ~1.3.0 is not in the lock file, using 1.3.0 sha256:…; run \`tenon bundle lock\`
      "
    `);
    const missing = await build("--locked");
    expect(missing.code).toBe(2);
    expect(shown(missing.stderr)).toMatchInlineSnapshot(`
      "error: Cannot use lock file DIR/b/tenon.lock: oci://HOST/org/app ~1.3.0 is not in it [DEPLOY_LOCK_OUTDATED]
      DIR/b/bundle.cue:4:59: oci://HOST/org/app ~1.3.0 is not in it
          4 | 		module: {url: "oci://HOST/org/app", version: "~1.3.0"}
            | 		                                                        ^
      hint: Renew it with \`tenon bundle lock\` and look at the difference
      "
    `);
    await modules.writeBundle({ api: "1.2.0" });
    const unused = await modules.tenon("bundle", "vet", "-f", file(), "--locked");
    expect(unused.code).toBe(2);
    expect(shown(unused.stderr)).toMatchInlineSnapshot(`
      "error: Cannot use lock file DIR/b/tenon.lock: nothing uses oci://HOST/org/app ^1.2 any more (and 1 more) [DEPLOY_LOCK_OUTDATED]
      nothing uses oci://HOST/org/app ^1.2 any more
      nothing uses oci://HOST/org/app latest any more
      hint: Renew it with \`tenon bundle lock\` and look at the difference
      "
    `);
    expect(shown((await lock()).stdout)).toMatchInlineSnapshot(`
      "removed oci://HOST/org/app ^1.2 1.3.0 sha256:…
      removed oci://HOST/org/app latest 1.3.0 sha256:…
      shop 1 module and 1 CUE module: DIR/b/tenon.lock was written
      "
    `);
    modules.env["TENON_LOCKED"] = "1";
    expect((await build()).code).toBe(0);
  });

  it("must be there for --locked, and be what it should be", async () => {
    const missing = await build("--locked");
    expect(missing.code).toBe(2);
    expect(shown(missing.stderr)).toMatchInlineSnapshot(`
      "error: Cannot read lock file DIR/b/tenon.lock: no such file [DEPLOY_LOCK_MISSING]
      hint: Make it with \`tenon bundle lock\` and keep it in version control
      "
    `);
    const broken = [
      "lockVersion: 2\nbundles: []\n",
      "<<<<<<< HEAD\nlockVersion: 1\n",
      "lockVersion: 1\nbundles: [{name: shop, modules: [{module: oci://a/b, asked: latest, version: 1.0.0, digest: sha256:12}]}]\n",
      "lockVersion: 1\nbundles: {shop: []}\n",
    ];
    const messages: string[] = [];
    for (const text of broken) {
      await writeFile(lockFile(), text);
      const { code, stderr } = await build();
      expect(code).toBe(2);
      messages.push(shown(stderr.split("\n", 1)[0]!));
    }
    expect(messages).toMatchInlineSnapshot(`
      [
        "error: Cannot read lock file DIR/b/tenon.lock: its lockVersion is 2 and not 1 [DEPLOY_LOCK_INVALID]",
        "error: Cannot read lock file DIR/b/tenon.lock: it is not YAML [DEPLOY_LOCK_INVALID]",
        "error: Cannot read lock file DIR/b/tenon.lock: "sha256:12" is no digest [DEPLOY_LOCK_INVALID]",
        "error: Cannot read lock file DIR/b/tenon.lock: bundles is no list [DEPLOY_LOCK_INVALID]",
      ]
    `);
  });

  it("keeps what each of several runs at the same time writes", async () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const bundles = await Promise.all(
      names.map((name) => modules.writeBundle({ web: "1.2.0" }, name)),
    );
    const runs = await Promise.all(
      bundles.map((bundle) => modules.tenon("bundle", "lock", "-f", bundle)),
    );
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      names.map(() => ({ code: 0, stderr: "" })),
    );
    for (const bundle of bundles) {
      const { code, stderr } = await modules.tenon("bundle", "build", "-f", bundle, "--locked");
      expect(code, stderr).toBe(0);
    }
    const left = await readdir(modules.dir.file("b"));
    expect(left.toSorted()).toEqual(
      [...names.map((name) => `${name}.cue`), "bundle.cue", "tenon.lock"].toSorted(),
    );
  });

  it("holds for a copy of a repository in another registry", async () => {
    await lock();
    const copy = await serveRegistry(modules.registry);
    const text = await readFile(file(), "utf8");
    await writeFile(file(), text.replaceAll(modules.host, copy.host));
    expect((await build("--locked")).code).toBe(0);
    await modules.push("1.2.0", { release: "evil", flags: ["--overwrite"] });
    expect((await build("--locked")).stderr).toContain("DEPLOY_LOCK_MISMATCH");
    await copy.close();
  });

  it("has what all clusters of a runtime use, and is not renewed for some of them alone", async () => {
    const cluster = (name: string): string => `${name}: {group: "${name}", kubeContext: "${name}"}`;
    await modules.dir.write({
      "b/runtime.cue": `runtime: {
	apiVersion: "v1alpha1"
	name:       "fleet"
	clusters: {${cluster("staging")}, ${cluster("production")}}
}
`,
      "b/bundle.cue": `_cluster: string @timoni(runtime:string:TIMONI_CLUSTER_NAME)
bundle: {
	apiVersion: "v1alpha1"
	name:       "shop"
	instances: web: {
		module: {
			url: "${modules.url}"
			version: [if _cluster == "staging" {"^1.2"}, "1.2.0"][0]
		}
		namespace: "apps"
	}
}
`,
    });
    const runtime = ["-r", modules.dir.file("b/runtime.cue")];
    const staging = [...runtime, "--runtime-cluster", "staging"];
    const run = (...args: string[]): Promise<Printed> =>
      modules.tenon("bundle", ...args, "-f", file());
    expect(shown((await run("lock", ...runtime)).stdout)).toContain("shop 2 modules");
    expect(await run("vet", ...runtime, "--locked")).toMatchObject({ code: 0 });
    expect(await run("vet", ...staging, "--locked")).toMatchObject({ code: 0 });
    const text = await readFile(lockFile(), "utf8");
    await modules.push("1.4.0");
    await run("update", ...staging);
    const updated = await readFile(lockFile(), "utf8");
    expect(updated).toContain("asked: ^1.2\n        version: 1.4.0\n");
    expect(updated).toContain(
      text.slice(text.indexOf("asked: 1.2.0"), text.indexOf("asked: ^1.2")),
    );
  });
});
