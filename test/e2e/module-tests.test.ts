import { readdir } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { sharedCluster } from "../support/shared-cluster.ts";
import { tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER");
const modules = (await readdir(repoPath("modules"), { withFileTypes: true }))
  .filter((entry) => entry.isDirectory() && entry.name !== "blueprint")
  .map(({ name }) => name);

/** What `mod test` ends with, in an environment where missing snapshots are errors. */
async function test(module: string, ...flags: string[]) {
  const env = { CI: "1", KUBECONFIG: sharedCluster()?.kubeconfig };
  const { code, stdout, stderr } = await spawnTenon(["mod", "test", module, ...flags], { env });
  return { code, last: stdout.trim().split("\n").at(-1), stderr };
}

describe("tenon mod test", () => {
  it.each(modules)("passes for modules/%s", async (name) => {
    expect(await test(repoPath("modules", name))).toMatchObject({
      code: 0,
      last: expect.stringMatching(/^[1-9][0-9]* passed, 0 failed$/),
    });
  });
});

describe.skipIf(tools.missing)(`tenon mod test --server${tools.reason}`, () => {
  it.each(modules)("passes for modules/%s", async (name) => {
    const module = repoPath("modules", name);
    expect(await test(module, "--server")).toMatchObject({ code: 0 });
  });

  it("fails for what the API server refuses", async () => {
    await using dir = await tempDir();
    await tenon(["mod", "init", "web", dir.path]);
    await dir.write({
      "web/tests/app.yaml": "cases: {class: {expect: {Service/app: {}}, values: {}}}",
      "web/templates/service.cue": `package templates

#Service: {
	#config:    #Config
	apiVersion: "v1"
	kind:       "Service"
	metadata:   #config.metadata
	spec: {
		selector: #config.selector.labels
		ipFamilyPolicy: "RequireDualStack"
		ports: [{port: 80}]
	}
}
`,
    });
    const module = dir.file("web");
    expect(await test(module)).toMatchObject({ code: 0 });
    const refused = await test(module, "--server");
    expect(refused).toMatchObject({ code: 1, last: "0 passed, 1 failed" });
    expect(refused.stderr).toContain("not configured for dual-stack services");
  });
});
