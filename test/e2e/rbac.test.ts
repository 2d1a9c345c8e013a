import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { bundleText } from "../support/bundle-file.ts";
import { oneOf } from "../support/one-of-each.ts";
import { fixture, repoPath } from "../support/repo.ts";
import type { ProcessResult } from "../support/run-process.ts";
import { type Rule, makeUser } from "../support/service-account.ts";
import { kubectl, kubectlWith, newNamespace } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");
const team = await rulesOf("tenon-team");
const viewer = await rulesOf("tenon-viewer");
/** Rules for what an instance consists of; the others are of use when something goes wrong. */
const needed = team.filter(({ verbs }) => verbs.includes("patch"));
const resources = needed.flatMap((rule) => rule.resources);

describe.skipIf(tools.missing)(`the roles of docs/rbac.md${tools.reason}`, () => {
  let dir: TempDir;
  beforeAll(async () => {
    dir = await tempDir();
  });
  afterAll(() => dir?.[Symbol.asyncDispose]());

  let users = 0;

  /** A command line as a user with these rights and no others. */
  async function userWith(
    namespace: string,
    rules: readonly Rule[],
  ): Promise<(args: readonly string[], input?: string) => Promise<ProcessResult>> {
    const name = `user-${++users}`;
    const KUBECONFIG = await dir.write({ [name]: await makeUser(name, namespace, rules) });
    return (args, input) => spawnTenon(args, { env: { KUBECONFIG }, input });
  }

  async function makeNamespace(): Promise<string> {
    const namespace = newNamespace("rbac");
    await kubectl("create", "namespace", namespace);
    return namespace;
  }

  const apply = ["apply", "app", fixture("objects"), "-f", "-"];
  const values = (objects: readonly object[]): string =>
    `values: objects: ${JSON.stringify(objects)}\n`;
  const all = values(resources.map((resource) => oneOf(resource)));

  it("let a team do everything in its namespace", async () => {
    const namespace = await makeNamespace();
    const run = await userWith(namespace, team);
    const succeed = async (args: readonly string[], input?: string): Promise<ProcessResult> => {
      const result = await run(args, input);
      expect(result.code, `${args.join(" ")}\n${result.stdout}${result.stderr}`).toBe(0);
      return result;
    };
    const checked = await succeed(["check", "app", fixture("objects"), "-f", "-"], all);
    expect(checked.stdout).toContain("nothing failed\n");
    expect(checked.stdout).not.toContain("warning");
    await succeed([...apply, "--dry-run"], all);
    await succeed(apply, all);
    const repeated = await succeed(apply, all);
    expect(repeated.stdout).not.toMatch(/created|configured|deleted/);
    const upgraded = await succeed(apply, values([oneOf("deployments"), oneOf("jobs", "two")]));
    expect(upgraded.stdout).toContain(`Job/${namespace}/one deleted`);
    for (const command of [
      ["status", "app"],
      ["drift", "app"],
      ["list"],
      ["inspect", "values", "app"],
    ])
      await succeed(command);
    await succeed(["delete", "app"]);
    const left = await kubectl("get", "configmaps,deployments,jobs", "-n", namespace, "-o", "name");
    expect(left).toBe("configmap/kube-root-ca.crt\n");
  });

  it("let a team take over, repair and give back", async () => {
    const namespace = await makeNamespace();
    const run = await userWith(namespace, team);
    const json = JSON.stringify({ ...oneOf("configmaps", "app"), data: { message: "hello" } });
    await kubectlWith(json, "apply", "-n", namespace, "-f", "-");
    const module = fixture("objects");
    for (const command of [
      ["adopt", "app", module, "--from", "kubectl", "--yes"],
      ["repair", "app", "--yes"],
      ["leave", "app", "--to", "kubectl"],
      ["adopt", "app", module, "--from", "kubectl", "--yes"],
      ["delete", "app", "--orphan"],
    ]) {
      const { code, stdout, stderr } = await run(command);
      expect(code, `${command.join(" ")}\n${stdout}${stderr}`).toBe(0);
    }
    const left = await kubectl("get", "configmaps", "-n", namespace, "-o", "name");
    expect(left).toBe("configmap/app\nconfigmap/kube-root-ca.crt\n");
  });

  it("let a team make a damaged record anew, with the objects of its namespace", async () => {
    const namespace = await makeNamespace();
    const run = await userWith(namespace, team);
    expect((await run(apply, all)).code).toBe(0);
    const patch = JSON.stringify({ data: { record: Buffer.from("{").toString("base64") } });
    await kubectl("patch", "secret/tenon.app", "-n", namespace, "--type=merge", "-p", patch);
    const { code, stdout, stderr } = await run(["repair", "app", "--yes"]);
    expect(code, stdout + stderr).toBe(0);
    const inspected = await run(["inspect", "resources", "app", "-o", "json"]);
    const objects = JSON.parse(inspected.stdout) as { kind: string; name: string }[];
    // One of each, and the one that the module always has.
    expect(objects.length, inspected.stdout).toBe(resources.length + 1);
    expect((await run(["delete", "app"])).code).toBe(0);
  });

  it("let a team work with a bundle in its namespace", async () => {
    const namespace = await makeNamespace();
    const run = await userWith(namespace, team);
    const file = await dir.write({
      [`${namespace}.cue`]: bundleText(namespace, { one: { namespace }, two: { namespace } }),
    });
    for (const command of [
      ["check", "-f", file],
      ["apply", "-f", file],
      ["apply", "-f", file],
      ["status", "-f", file],
      ["status", namespace, "-n", namespace],
      ["diff", "-f", file],
      ["list", "-n", namespace],
      ["delete", "-f", file],
    ]) {
      const { code, stdout, stderr } = await run(["bundle", ...command]);
      expect(code, `${command.join(" ")}\n${stdout}${stderr}`).toBe(0);
    }
    expect(await kubectl("get", "secrets", "-n", namespace, "-o", "name")).toBe("");
  });

  it("let a viewer look, and nothing more", async () => {
    const namespace = await makeNamespace();
    const owner = await userWith(namespace, team);
    expect((await owner(apply, all)).code).toBe(0);
    const run = await userWith(namespace, viewer);
    for (const command of [
      ["status", "app"],
      ["drift", "app"],
      ["list"],
      ["inspect", "module", "app"],
    ]) {
      const { code, stdout, stderr } = await run(command);
      expect(code, stdout + stderr).toBe(0);
    }
    for (const [command, input] of [[apply, values([])], [["delete", "app"]]] as const) {
      const { code, stderr } = await run(command, input);
      expect(code).toBe(1);
      expect(stderr).toContain("[KUBE_FORBIDDEN]");
    }
  });

  it.each(needed.map((rule) => [rule.resources.join(", "), rule] as const))(
    "are all needed: without the one for %s, check and apply name what is missing",
    async (_, rule) => {
      const namespace = await makeNamespace();
      const run = await userWith(
        namespace,
        team.filter((other) => other !== rule),
      );
      const names = new RegExp(`resource "(${rule.resources.join("|")})"`);
      const applied = await run(apply, all);
      expect(applied.code).toBe(1);
      expect(applied.stderr).toContain("[KUBE_FORBIDDEN]");
      expect(applied.stderr).toMatch(names);
      const checked = await run(["check", "app", fixture("objects"), "-f", "-"], all);
      expect(checked.code).toBe(1);
      for (const resource of rule.resources) {
        const missing = new RegExp(`may not get, create, patch .*\\b${resource}\\b`);
        expect(checked.stdout).toMatch(missing);
      }
    },
  );

  it("are enough without list and watch, and without pods and events", async () => {
    const namespace = await makeNamespace();
    const verbs = ["get", "create", "patch", "delete"];
    const run = await userWith(
      namespace,
      needed.map((rule) => ({ ...rule, verbs })),
    );
    const checked = await run(["check", "app", fixture("objects"), "-f", "-"], all);
    expect(checked.code, checked.stdout).toBe(0);
    expect(checked.stdout).toContain("objects are read one by one");
    expect(checked.stdout).toContain("waits ask every second");
    expect((await run(apply, all)).code).toBe(0);
    expect((await run(apply, values([]))).code).toBe(0);
    expect((await run(["status", "app"])).code).toBe(0);
  });

  it("that check prints for an instance are enough for it", async () => {
    const namespace = await makeNamespace();
    const nobody = await userWith(namespace, []);
    const printed = await nobody(
      ["check", "app", fixture("objects"), "-f", "-", "--print-role"],
      all,
    );
    expect(printed.code, printed.stderr).toBe(0);
    const role = parse(printed.stdout) as { kind: string; metadata: object; rules: Rule[] };
    expect([role.kind, role.metadata]).toEqual(["Role", { name: "tenon-app", namespace }]);
    const run = await userWith(namespace, role.rules);
    const { code, stderr } = await run(apply, all);
    expect(code, stderr).toBe(0);
    expect((await run(["delete", "app"])).code).toBe(0);
  });
});

/** The rules of a role as the document has them. */
async function rulesOf(name: string): Promise<readonly Rule[]> {
  const text = await readFile(repoPath("docs/rbac.md"), "utf8");
  const blocks = [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
    ([, block = ""]) => parse(block) as { metadata: { name: string }; rules: Rule[] },
  );
  const role = blocks.find(({ metadata }) => metadata.name === name);
  if (role === undefined) throw new Error(`docs/rbac.md has no role ${name}`);
  return role.rules;
}
