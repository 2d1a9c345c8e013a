import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";

interface Variant {
  /** Fields of the schema. */
  readonly config?: string;
  /** Labels that the Deployment selects. */
  readonly selector?: string;
  readonly image?: string;
}

/** The one file of a module that is not the same in all variants. */
function timoniFile({
  config = "replicas: *1 | int & <=10",
  selector = 'app: "web"',
  image = "example.com/web:1",
}: Variant): string {
  return `package main

#Config: {
	metadata: {name!: string, namespace!: string}
	moduleVersion!: string
	${config}
	...
}
values: #Config
timoni: {
	apiVersion: "v1alpha1"
	instance: config: values & {
		metadata: {name: string @tag(name), namespace: string @tag(namespace)}
		moduleVersion: string @tag(mv, var=moduleVersion)
	}
	apply: app: [{
		apiVersion: "apps/v1"
		kind:       "Deployment"
		metadata: instance.config.metadata & {labels: "app.kubernetes.io/version": instance.config.moduleVersion}
		spec: {
			replicas: values.replicas
			selector: matchLabels: {${selector}}
			template: {
				metadata: labels: {${selector}}
				spec: containers: [{name: "web", image: "${image}"}]
			}
		}
	}]
}
`;
}

describe("tenon mod push --check-compat", () => {
  let dir: TempDir;
  let registry: TestRegistry;
  let url: string;

  beforeAll(async () => {
    dir = await tempDir();
    registry = await startEmbeddedRegistry();
    url = `oci://${registry.host}/modules/web`;
    await dir.write({
      "web/cue.mod/module.cue": 'module: "example.com/web"\nlanguage: version: "v0.14.0"\n',
      "web/values.cue": "package main\n\nvalues: {}\n",
      "corpus/many.yaml": "values: {replicas: 8}\n",
    });
  });
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  async function push(version: string, variant: Variant = {}, ...flags: string[]) {
    await dir.write({ "web/timoni.cue": timoniFile(variant) });
    const args = ["mod", "push", "web", url, "-v", version, "--check-compat", ...flags];
    return spawnTenon(args, { cwd: dir.path });
  }

  it("takes a first version and later ones that break nothing", async () => {
    const first = await push("1.0.0");
    expect(first).toMatchObject({ code: 0 });
    expect(first.stderr).toContain("no stable version to compare with");
    const fix = await push("1.0.1", { image: "example.com/web:2" }, "--values", "corpus");
    expect(fix).toMatchObject({ code: 0 });
    expect(fix.stderr).toContain("compared with 1.0.0: patch changes");
    expect(await push("1.1.0-rc.1", { config: "replicas: *1 | int & <=20" })).toMatchObject({
      code: 0,
    });
  });

  it("refuses what breaks under a minor or patch version, and pushes nothing", async () => {
    const narrower = { config: "replicas: *1 | int & <=5" };
    const { code, stdout, stderr } = await push("1.1.0", narrower, "--values", "corpus");
    expect({
      code,
      stdout,
      stderr: stderr.replaceAll(registry.host, "HOST"),
    }).toMatchInlineSnapshot(`
      {
        "code": 2,
        "stderr": "using module example.com/web version 0.0.0-devel
      using module example.com/web version 1.0.1
      error: Cannot push module web as 1.1.0: it breaks what works with 1.0.1 [DEPLOY_INCOMPATIBLE]
      tighter bound: <=10 → <=5 (values.replicas)
      corpus/many.yaml: Cannot build instance app of module web: values.replicas: invalid value 8 (out of bound <=5)
      hint: Push it as 2.0.0, or keep what there was; all differences: tenon mod diff oci://HOST/modules/web:1.0.1 web
      ",
        "stdout": "",
      }
    `);
    const selector = await push("1.0.2", { selector: 'app: "web", tier: "front"' });
    expect(selector).toMatchObject({ code: 2 });
    expect(selector.stderr).toContain(
      "default values: Deployment/default/app: spec.selector.matchLabels.tier cannot change",
    );
    expect((await push("1.0.1", narrower)).code).toBe(2);
    const listed = await spawnTenon(["mod", "list", url]);
    expect(listed.stdout).not.toMatch(/1\.1\.0\s|1\.0\.2/);
  });

  it("takes it as a major version, and as a minor one before 1.0.0", async () => {
    const narrower = { config: "replicas: *1 | int & <=5" };
    expect(await push("2.0.0", narrower)).toMatchObject({ code: 0 });
    url = `oci://${registry.host}/modules/young`;
    expect(await push("0.1.0")).toMatchObject({ code: 0 });
    expect(await push("0.1.1", narrower)).toMatchObject({ code: 2 });
    expect(await push("0.2.0", narrower)).toMatchObject({ code: 0 });
  });

  it("can be foreseen with tenon mod diff, which leaves out the version in labels", async () => {
    const web = `oci://${registry.host}/modules/web`;
    const same = await spawnTenon(["mod", "diff", `${web}:1.0.0`, `${web}:1.0.1`]);
    expect(same.stdout).toContain("suggested bump: patch (1.0.0 → 1.0.1)");
    expect(same.stdout).not.toContain("app.kubernetes.io/version");
    expect(same.code).toBe(3);
  });
});
