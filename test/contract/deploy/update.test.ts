import { readFile, writeFile } from "node:fs/promises";

import { type Engine, createEngine } from "@tenon/cue-wasm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { ModuleRegistry, type Printed } from "../../support/module-registry.ts";
import { type TempDir, tempDir } from "../../support/temp-dir.ts";

describe("tenon bundle update", () => {
  let engine: Engine;
  let modules: ModuleRegistry;
  let dir: TempDir;
  const digests = new Map<string, string>();

  beforeAll(async () => {
    engine = await createEngine({ concurrency: 1 });
    modules = await ModuleRegistry.start(engine);
    for (const version of ["1.2.0", "1.3.0", "1.4.0-rc.1", "2.0.0", "2.1.0"]) {
      digests.set(version, await modules.push(version));
    }
  });
  afterAll(async () => {
    await modules?.[Symbol.asyncDispose]();
    engine?.close();
  });
  beforeEach(async () => {
    dir = await tempDir();
    return () => dir[Symbol.asyncDispose]();
  });

  const url = (): string => modules.url;
  const tenon = (...args: string[]): Promise<Printed> => modules.tenon(...args);

  /** A text with what differs between runs replaced. */
  function shown(text: string): string {
    const named = [...digests].reduce(
      (known, [version, digest]) => known.replaceAll(digest, `sha256:…${version}`),
      text,
    );
    return named.replaceAll(modules.host, "HOST").replaceAll(`${dir.path}/`, "");
  }

  /** Writes a bundle, updates it, and gives what changed in it as pairs of lines. */
  async function update(name: string, text: string, ...flags: string[]) {
    const file = dir.file(name);
    const before = [...digests].reduce(
      (known, [version, digest]) => known.replaceAll(`DIGEST ${version}`, digest),
      text.replaceAll("URL", url()),
    );
    await dir.write({ [name]: before });
    const printed = await tenon("bundle", "update", "-f", file, ...flags);
    const after = await readFile(file, "utf8");
    const [old, young] = [before.split("\n"), after.split("\n")];
    expect(young.length).toBe(old.length);
    const changed = old.flatMap((line, at) =>
      line === young[at] ? [] : [shown(`${line} >>> ${young[at]}`).trimStart()],
    );
    return { ...printed, stdout: shown(printed.stdout), stderr: shown(printed.stderr), changed };
  }

  const cue = `// The shop.
bundle: {apiVersion: "v1alpha1", name: "shop"}
bundle: instances: {
	web: { // the front
		module: {url:  "URL", version:   "1.2.0" } // pinned
		namespace: "apps"
	}
	api: {
		module: url:     "URL"
		module: version: "1.2.0" // keep
		namespace: "apps"
	}
	edge: {module: {url: "URL", version: "1.3.0"}, namespace: "apps"}
}
`;

  it("rewrites versions in CUE and nothing else", async () => {
    const { code, changed, stdout, stderr } = await update("bundle.cue", cue);
    expect(code, stderr).toBe(0);
    expect(changed).toMatchInlineSnapshot(`
      [
        "module: {url:  "oci://HOST/org/app", version:   "1.2.0" } // pinned >>> 		module: {url:  "oci://HOST/org/app", version:   "1.3.0" } // pinned",
        "module: version: "1.2.0" // keep >>> 		module: version: "1.3.0" // keep",
      ]
    `);
    expect(stdout).toMatchInlineSnapshot(`
      "web oci://HOST/org/app 1.2.0 → 1.3.0 bundle.cue:5:62
      api oci://HOST/org/app 1.2.0 → 1.3.0 bundle.cue:10:20
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`""`);
  });

  it("goes to the newest with --latest, to pre-releases with --pre, and takes instances by name", async () => {
    expect((await update("bundle.cue", cue, "--latest")).changed).toHaveLength(3);
    expect((await update("bundle.cue", cue, "api", "--pre")).changed).toMatchInlineSnapshot(`
      [
        "module: version: "1.2.0" // keep >>> 		module: version: "1.4.0-rc.1" // keep",
      ]
    `);
    const { code, stderr } = await update("bundle.cue", cue, "ap");
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "error: Cannot update instance ap: bundle shop has none of that name with a module of a registry [DEPLOY_INSTANCE_UNKNOWN]
      hint: Did you mean api?
      "
    `);
  });

  it("leaves what is computed as it is and says where it is", async () => {
    const { code, changed, stdout, stderr } = await update(
      "bundle.cue",
      `_version: "1.2.0"
_shared: {module: {url: "URL", version: "1.2.0"}, namespace: "apps"}
bundle: {apiVersion: "v1alpha1", name: "shop"}
bundle: instances: {
	"by-reference": {module: {url: "URL", version: _version}, namespace: "apps"}
	"by-text": {module: {url: "URL", version: "1.\\(2).0"}, namespace: "apps"}
	"by-default": {module: {url: "URL", version: *"1.2.0" | "1.3.0"}, namespace: "apps"}
	"by-attribute": {module: {url: "URL", version: "1.2.0" @timoni(runtime:string:VERSION)}, namespace: "apps"}
	shared1: _shared
	shared2: _shared
	follows: {module: {url: "URL", version: shared1.module.version}, namespace: "apps"}
	range: {module: {url: "URL", version: "^1.2"}, namespace: "apps"}
}
`,
      "--latest",
    );
    expect(code, stderr).toBe(0);
    expect(changed).toMatchInlineSnapshot(`
      [
        "_shared: {module: {url: "oci://HOST/org/app", version: "1.2.0"}, namespace: "apps"} >>> _shared: {module: {url: "oci://HOST/org/app", version: "2.1.0"}, namespace: "apps"}",
        "range: {module: {url: "oci://HOST/org/app", version: "^1.2"}, namespace: "apps"} >>> 	range: {module: {url: "oci://HOST/org/app", version: "^2.1"}, namespace: "apps"}",
      ]
    `);
    expect(stdout).toMatchInlineSnapshot(`
      "shared1 oci://HOST/org/app 1.2.0 → 2.1.0 bundle.cue:2:67
      shared2 oci://HOST/org/app 1.2.0 → 2.1.0 bundle.cue:2:67
      follows oci://HOST/org/app 1.2.0 → 2.1.0 bundle.cue:2:67
      range oci://HOST/org/app ^1.2 → ^2.1 bundle.cue:12:66
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "warning: bundle.cue:1:11: oci://HOST/org/app of by-reference stays at 1.2.0, not 2.1.0: its version is computed
      warning: bundle.cue:6:70: oci://HOST/org/app of by-text stays at 1.2.0, not 2.1.0: its version is computed
      warning: bundle.cue:7:64: oci://HOST/org/app of by-default stays at 1.2.0, not 2.1.0: its version is computed
      warning: bundle.cue:8:75: oci://HOST/org/app of by-attribute stays at 1.2.0, not 2.1.0: its version is computed
      "
    `);
  });

  it("writes nothing where the bundle would not be right any more", async () => {
    const { code, changed, stderr } = await update(
      "bundle.cue",
      `bundle: {apiVersion: "v1alpha1", name: "shop"}
bundle: instances: web: {
	module: {url: "URL", version: "1.2.0"}
	namespace: "apps"
}
bundle: instances: web: module: version: =~"^1[.]2"
`,
    );
    expect(code).toBe(2);
    expect(changed).toEqual([]);
    expect(stderr).toMatchInlineSnapshot(`
      "error: Cannot update bundle bundle.cue: bundle.instances.web.module.version: conflicting values "latest" and "1.3.0" (and 1 more) [SCHEMA_BUNDLE_INVALID]
      bundle.cue:3:58: conflicting values "latest" and "1.3.0" (bundle.instances.web.module.version)
          3 | 	module: {url: "oci://HOST/org/app", version: "1.3.0"}
            | 	                                                        ^
      bundle.cue:6:42: invalid value "1.3.0" (out of bound =~"^1[.]2") (bundle.instances.web.module.version)
          6 | bundle: instances: web: module: version: =~"^1[.]2"
            |                                          ^
        see bundle.cue:3:58
      hint: Nothing was written: the bundle does not allow the newer version
      "
    `);
  });

  it("rewrites versions and digests in YAML, JSON and TypeScript", async () => {
    const yaml = `# The shop.
bundle:
  apiVersion: v1alpha1
  name: shop   # its name
  instances:
    web:
      module: {url: "URL",   version: 1.2.0, digest: 'DIGEST 1.2.0'} # pinned
      namespace: apps
    api:
      module: &module
        url: "URL"
        version: "^1.2"
      namespace: apps
    edge: {module: *module, namespace: apps}
`;
    expect((await update("bundle.yaml", yaml)).changed).toMatchInlineSnapshot(`
      [
        "module: {url: "oci://HOST/org/app",   version: 1.2.0, digest: 'sha256:…1.2.0'} # pinned >>>       module: {url: "oci://HOST/org/app",   version: 1.3.0, digest: 'sha256:…1.3.0'} # pinned",
      ]
    `);
    expect(await update("bundle.yaml", yaml, "--latest")).toMatchInlineSnapshot(`
      {
        "changed": [
          "module: {url: "oci://HOST/org/app",   version: 1.2.0, digest: 'sha256:…1.2.0'} # pinned >>>       module: {url: "oci://HOST/org/app",   version: 2.1.0, digest: 'sha256:…2.1.0'} # pinned",
          "version: "^1.2" >>>         version: "^2.1"",
        ],
        "code": 0,
        "stderr": "",
        "stdout": "web oci://HOST/org/app 1.2.0 → 2.1.0 bundle.yaml:7:65
      web oci://HOST/org/app sha256:…1.2.0 → sha256:…2.1.0 bundle.yaml:7:65
      api oci://HOST/org/app ^1.2 → ^2.1 bundle.yaml:12:18
      edge oci://HOST/org/app ^1.2 → ^2.1 bundle.yaml:12:18
      ",
      }
    `);
    const json = `{"bundle": {"apiVersion": "v1alpha1", "name": "shop", "instances": {
  "web": {"module": {"url": "URL",  "version": "1.2.0"}, "namespace": "apps"}
}}}
`;
    expect((await update("bundle.json", json)).changed).toMatchInlineSnapshot(`
      [
        ""web": {"module": {"url": "oci://HOST/org/app",  "version": "1.2.0"}, "namespace": "apps"} >>>   "web": {"module": {"url": "oci://HOST/org/app",  "version": "1.3.0"}, "namespace": "apps"}",
      ]
    `);
    const typescript = `import { defineBundle } from "@tenon/bundle";
const url = "URL";
const base = { module: { url, version: '1.2.0' }, namespace: "apps" };
export default defineBundle({
  apiVersion: "v1alpha1",
  name: "shop",
  instances: {
    web: { ...base, values: {} }, // the front
    api: { module: { url, version: "1." + "2.0" }, namespace: "apps" },
  },
});
`;
    const written = await update("bundle.ts", typescript);
    expect(written.changed).toMatchInlineSnapshot(`
      [
        "const base = { module: { url, version: '1.2.0' }, namespace: "apps" }; >>> const base = { module: { url, version: '1.3.0' }, namespace: "apps" };",
      ]
    `);
    expect(written.stderr).toMatchInlineSnapshot(`
      "warning: bundle.ts:9:27: oci://HOST/org/app of api stays at 1.2.0, not 1.3.0: its version is computed
      "
    `);
  });

  it("finds its way in lines with other ends and other characters", async () => {
    const text = `bundle: {apiVersion: "v1alpha1", name: "shop"}\r
// größer als 🏬\r
bundle: instances: {"web": {"namespace": "apps", module: {url: "URL", "version": "1.2.0"}, values: {"ü🏬": 1}}}\r
`;
    const { changed, stderr } = await update("bundle.cue", text);
    expect(stderr).toBe("");
    expect(changed).toHaveLength(1);
    expect(changed[0]).toContain('"version": "1.3.0"}, values: {"ü🏬": 1}');
    const wide = `bundle:\r
  apiVersion: v1alpha1\r
  name: shop # größer als 🏬\r
  instances: {web: {values: {"ü🏬": 1}, namespace: apps, module: {url: "URL", version: 1.2.0}}}\r
`;
    expect((await update("bundle.yaml", wide)).changed[0]).toContain("version: 1.3.0}}}\r");
    const code = `const shop = "🏬"; export default { apiVersion: "v1alpha1", name: "shop", instances: { web: { values: { shop }, namespace: "apps", module: { url: "URL", version: "1.2.0" } } } };\r
`;
    expect((await update("bundle.ts", code)).changed[0]).toContain('version: "1.3.0" } } } };\r');
    const cue = `bundle: {apiVersion: "v1alpha1", name: "shop"}
bundle: instances: web: {values: {"ü🏬": 1}, namespace: "apps", module: {url: "URL", version: "1.2.0"}}
`;
    expect((await update("bundle.cue", cue)).changed[0]).toContain('version: "1.3.0"}}');
  });

  it("prints the difference with --dry-run and writes nothing", async () => {
    const { changed, stdout } = await update("bundle.cue", cue, "web", "--dry-run");
    expect(changed).toEqual([]);
    expect(stdout).toMatchInlineSnapshot(`
      "diff bundle.cue.orig bundle.cue
      --- bundle.cue.orig
      +++ bundle.cue
      @@ -2,7 +2,7 @@
       bundle: {apiVersion: "v1alpha1", name: "shop"}
       bundle: instances: {
       	web: { // the front
      -		module: {url:  "oci://HOST/org/app", version:   "1.2.0" } // pinned
      +		module: {url:  "oci://HOST/org/app", version:   "1.3.0" } // pinned
       		namespace: "apps"
       	}
       	api: {
      "
    `);
  });

  it("renews the lock file for what was updated, and takes ranges forward", async () => {
    const text = cue.replace('"1.2.0" } // pinned', '"^1.2" } // range');
    await dir.write({
      "bundle.cue": text.replaceAll("URL", url()).replace("^1.2", "<=1.2.0"),
    });
    await tenon("bundle", "lock", "-f", dir.file("bundle.cue"));
    const lock = await readFile(dir.file("tenon.lock"), "utf8");
    await writeFile(dir.file("tenon.lock"), lock.replace("<=1.2.0", "^1.2"));
    const { stdout, changed, stderr } = await update("bundle.cue", text);
    expect(changed, stderr).toHaveLength(1);
    expect(stdout).toMatchInlineSnapshot(`
      "api oci://HOST/org/app 1.2.0 → 1.3.0 bundle.cue:10:20
      removed oci://HOST/org/app 1.2.0 1.2.0 sha256:…1.2.0
      changed oci://HOST/org/app ^1.2 1.2.0 → 1.3.0 sha256:…1.3.0
      shop 2 modules: tenon.lock was written
      "
    `);
    expect((await tenon("bundle", "build", "-f", dir.file("bundle.cue"), "--locked")).code).toBe(0);
    const again = await update("bundle.cue", await readFile(dir.file("bundle.cue"), "utf8"));
    expect(again.stdout).toMatchInlineSnapshot(`
      "shop nothing to update
      shop 2 modules: tenon.lock is up to date
      "
    `);
  });

  it("is told before by mod outdated", async () => {
    await dir.write({ "bundle.cue": cue.replaceAll("URL", url()).replace('"1.3.0"', '"2.1.0"') });
    const args = ["mod", "outdated", "-f", dir.file("bundle.cue")];
    const { code, stdout } = await tenon(...args);
    expect(code).toBe(0);
    expect(shown(stdout).replaceAll(/ {2,}/g, "  ")).toMatchInlineSnapshot(`
      "INSTANCE  MODULE  ASKED  CURRENT  WANTED  LATEST  PLACE
      web  oci://HOST/org/app  1.2.0  1.2.0  1.3.0  2.1.0  bundle.cue:5:62
      api  oci://HOST/org/app  1.2.0  1.2.0  1.3.0  2.1.0  bundle.cue:10:20
      "
    `);
    const json = await tenon(...args, "--all", "--exit-code", "-o", "json");
    expect(json.code).toBe(3);
    expect((JSON.parse(json.stdout) as unknown[]).at(-1)).toMatchObject({
      instance: "edge",
      asked: "2.1.0",
      current: "2.1.0",
      wanted: "2.1.0",
      latest: "2.1.0",
      outdated: false,
    });
  });

  it.each([
    ["build", "app", "URL"],
    ["mod", "pull", "URL", "-o", "OUT"],
    ["mod", "show", "config", "URL"],
    ["mod", "show", "values", "URL"],
  ])("a range stands for the newest version in it: %s %s %s", async (...command) => {
    const args = command.map((word) => word.replace("URL", url()).replace("OUT", dir.file("out")));
    const { code, stdout, stderr } = await tenon(...args, "-v", ">=1.2 <2");
    expect(code, stderr).toBe(0);
    expect(`${stdout}${stderr}`).toContain("1.3.0");
  });
});
