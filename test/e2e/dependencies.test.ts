import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  type TestRegistry,
  startDockerRegistry,
  startEmbeddedRegistry,
} from "../support/registries.ts";
import { type ProcessResult, outputOf } from "../support/run-process.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { cleanEnvironment, spawnTenon } from "../support/tenon.ts";
import { needs, toolPath } from "../support/tools.ts";

const registries = [
  {
    name: "docker-registry",
    tools: needs("TENON_TEST_DOCKER_REGISTRY", "TENON_TEST_CUE"),
    start: startDockerRegistry,
  },
  {
    name: "tenon registry serve",
    tools: needs("TENON_TEST_CUE"),
    start: startEmbeddedRegistry,
  },
];

const timoniFile = `package main

import "example.com/mid"

values: {mid.#Config, ...}
timoni: {
	apiVersion: "v1alpha1"
	instance: {
		config: values
		config: metadata: {name: string @tag(name), namespace: string @tag(namespace)}
		objects: app: {
			apiVersion: "v1"
			kind:       "ConfigMap"
			metadata:   config.metadata
			data: port: "\\(config.port)"
		}
	}
	apply: app: [for object in instance.objects {object}]
}
`;
const configMap = `apiVersion: v1
data:
  port: "8080"
kind: ConfigMap
metadata:
  name: web
  namespace: default
---
`;

for (const { name, tools, start } of registries) {
  describe.skipIf(tools.missing)(`CUE modules from ${name}${tools.reason}`, () => {
    let dir: TempDir;
    let registry: TestRegistry;
    let env: Record<string, string>;

    beforeAll(async () => {
      dir = await tempDir();
      registry = await start();
      env = {
        CUE_REGISTRY: `example.com=${registry.host}/cue+insecure,none`,
        TENON_CACHE_DIR: dir.file("cache"),
      };
      await dir.write({
        "lib/cue.mod/module.cue": moduleFile("lib"),
        "lib/lib.cue": "package lib\n\n#Port: int & >0 & <65536\n",
        "mid/cue.mod/module.cue": moduleFile("mid", { lib: "v0.1.0" }),
        "mid/mid.cue":
          'package mid\n\nimport "example.com/lib"\n\n#Config: port: lib.#Port | *8080\n',
        // The first module names what it uses alone, as by hand; `cue mod tidy` has been at the second.
        "app/cue.mod/module.cue": moduleFile("app", { mid: "v0.2.0" }),
        "app/timoni.cue": timoniFile,
        "app/values.cue": "package main\n\nvalues: {}\n",
        "tidy/cue.mod/module.cue": moduleFile("tidy", { lib: "v0.1.0", mid: "v0.2.0" }),
        "tidy/timoni.cue": timoniFile,
        "tidy/values.cue": "package main\n\nvalues: {}\n",
      });
      await publish("lib", "v0.1.0");
      await publish("mid", "v0.2.0");
    });
    afterAll(async () => {
      await registry?.[Symbol.asyncDispose]();
      await dir?.[Symbol.asyncDispose]();
    });

    /** Publishes with CUE's own command line. */
    async function publish(module: string, version: string): Promise<void> {
      await outputOf(toolPath("TENON_TEST_CUE"), ["mod", "publish", version], {
        cwd: dir.file(module),
        env: { ...cleanEnvironment(), ...env, CUE_CACHE_DIR: dir.file("cue-cache") },
      });
    }

    function run(...args: string[]): Promise<ProcessResult> {
      return spawnTenon([...args, "-q"], { cwd: dir.path, env });
    }

    async function build(module: string, ...flags: string[]): Promise<string> {
      const { stdout, stderr } = await run("build", "web", module, ...flags);
      return stdout + stderr;
    }

    it("are part of builds, those that they require included", async () => {
      expect(await build("app")).toBe(configMap);
      expect(await build("tidy")).toBe(configMap);
    });

    it("are shown by module and version where a value breaks their rules", async () => {
      const printed = await build("tidy", "--set", "port=70000");
      expect(printed).toContain("--set port:1:9: invalid value 70000 (out of bound <65536)");
      expect(printed).toContain("see example.com/lib@v0.1.0/lib.cue:3:19");
    });

    it("are refused where the trust policy does not accept them, also from the cache", async () => {
      expect(await build("app")).toBe(configMap);
      const policy = await dir.write({
        "trust.yaml": `rules:
  - {prefix: ${registry.host}/cue/example.com, allow: true}
  - {prefix: ${registry.host}/cue/example.com/lib, deny: true}
`,
      });
      const printed = await build("app", "--trust-policy", policy);
      expect(printed).toContain(`Cannot trust oci://${registry.host}/cue/example.com/lib:v0.1.0@`);
      expect(printed).toContain("the trust policy denies it [DEPLOY_UNTRUSTED]");
    });

    it("are part of what is vetted and pushed, with the schema of its values", async () => {
      expect(await run("mod", "vet", "tidy")).toMatchObject({ code: 0, stderr: "" });
      const url = `oci://${registry.host}/modules/tidy`;
      const pushed = await run("mod", "push", "tidy", url, "-v", "1.0.0", "-o", "json");
      expect(JSON.parse(pushed.stdout)).toHaveProperty("schema");
      expect(await build(url, "-v", "1.0.0")).toBe(configMap);
    });

    it("are what bundles import from", async () => {
      await dir.write({
        "site/cue.mod/module.cue": moduleFile("site", { lib: "v0.1.0" }),
        "site/bundle.cue": `import "example.com/lib"

bundle: {
	apiVersion: "v1alpha1"
	name:       "site"
	instances: web: {
		module: url: "file://../app"
		namespace: "default"
		values: port: lib.#Port & 9090
	}
}
`,
      });
      const built = await run("bundle", "build", "-f", "site/bundle.cue", "--workdir", "site");
      expect(built.stderr).toBe("");
      expect(built.stdout).toContain('port: "9090"');
    });

    it("are named with the registry that lacks them, and the line that asks for them", async () => {
      await dir.write({
        "old/cue.mod/module.cue": moduleFile("old", { mid: "v0.9.0" }),
        "old/timoni.cue": timoniFile,
        "old/values.cue": "package main\n\nvalues: {}\n",
      });
      const { code, stderr } = await run("build", "web", "old");
      expect(code).toBe(1);
      expect(stderr.replaceAll(registry.host, "HOST")).toBe(
        `error: Cannot fetch CUE module example.com/mid@v0.9.0: the registry HOST has no cue/example.com/mid:v0.9.0 [DEPLOY_CUE_MODULE_UNAVAILABLE]
old/cue.mod/module.cue:4:2: example.com/old@v0 requires example.com/mid@v0.9.0
    4 | 	"example.com/mid@v0": v: "v0.9.0"
      | 	^
hint: Publish it there with \`cue mod publish v0.9.0\`, or name the registry that has it in CUE_REGISTRY
`,
      );
    });

    it("come from the mirrors of their registry", async () => {
      await dir.write({
        "registries.conf": `[[registry]]\nprefix = "127.0.0.1:1"\nlocation = "${registry.host}"\n`,
      });
      const { stdout } = await spawnTenon(
        ["build", "web", "app", "--cache-dir", dir.file("fresh")],
        {
          cwd: dir.path,
          env: {
            CUE_REGISTRY: "example.com=127.0.0.1:1/cue+insecure,none",
            TENON_REGISTRIES_CONF: dir.file("registries.conf"),
          },
        },
      );
      expect(stdout).toBe(configMap);
    });

    it("need no registry once they were fetched", async () => {
      await registry[Symbol.asyncDispose]();
      expect(await build("app")).toBe(configMap);
      const printed = await build("app", "--cache-dir", dir.file("empty"));
      expect(printed).toContain("Cannot fetch CUE module example.com/mid@v0.2.0");
      expect(printed).toContain(`cannot reach ${registry.host}: connection refused`);
    });
  });
}

function moduleFile(name: string, requires: Readonly<Record<string, string>> = {}): string {
  const deps = Object.entries(requires).map(
    ([path, version]) => `\t"example.com/${path}@v0": v: "${version}"\n`,
  );
  return `module: "example.com/${name}@v0"
language: version: "v0.14.0"
deps: {
${deps.join("")}}
source: kind: "self"
`;
}
