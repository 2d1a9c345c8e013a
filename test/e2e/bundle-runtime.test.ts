import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fixture } from "../support/repo.ts";
import { kubectl, kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

describe.skipIf(tools.missing)(`a bundle with values of a runtime${tools.reason}`, () => {
  const namespace = newNamespace("runtime");
  const password = "correct-horse-battery-staple";
  let dir: TempDir;

  beforeAll(async () => {
    dir = await tempDir();
    await kubectl("create", "namespace", namespace);
    await kubectl(
      "create",
      "configmap",
      "settings",
      "-n",
      namespace,
      "--from-literal=host=db.local",
    );
    const literals = [`--from-literal=password=${password}`, "--from-literal=host=db.secret"];
    await kubectl("create", "secret", "generic", "login", "-n", namespace, ...literals);
  });
  afterAll(() => dir?.[Symbol.asyncDispose]());

  function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { kubeconfig } = sharedCluster();
    return spawnTenon(args, { env: { KUBECONFIG: kubeconfig, ...env }, cwd: dir.path });
  }

  async function succeed(...parameters: Parameters<typeof run>): Promise<string> {
    const { code, stdout, stderr } = await run(...parameters);
    if (code !== 0) throw new Error(`it ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  function runtimeOf(name: string, ...values: readonly object[]): Promise<string> {
    const runtime = { apiVersion: "v1alpha1", name: "here", values };
    return dir.write({ [name]: JSON.stringify({ runtime }) });
  }

  const settings = (values: object, more: object = {}): object => ({
    query: `k8s:v1:ConfigMap:${namespace}:settings`,
    for: values,
    ...more,
  });
  const login = (values: object): object => ({
    query: `k8s:v1:Secret:${namespace}:login`,
    for: values,
  });

  it("takes them from the cluster, and from the environment where the cluster has none", async () => {
    const runtime = await runtimeOf(
      "runtime.json",
      settings({ HOST: "obj.data.host", KEYS: "len(obj.data)", WHERE: '"in \\(obj.kind)"' }),
      login({ PASSWORD: "obj.data.password" }),
      {
        ...settings({ GONE: "obj.data.x" }),
        query: `k8s:v1:Secret:${namespace}:no`,
        optional: true,
      },
    );
    const message = String.raw`"\(_host) \(_keys) \(_where) \(_gone) \(_user) \(_password)"`;
    await dir.write({
      "bundle.cue": `bundle: {
	apiVersion: "v1alpha1"
	name:       "${namespace}"
	_host:     string         @timoni(runtime:string:HOST)
	_keys:     int & <10      @timoni(runtime:number:KEYS)
	_where:    "nowhere"      @timoni(runtime:string:WHERE)
	_gone:     *"not there" | string @timoni(runtime:string:GONE)
	_user:     string         @timoni(runtime:string:LOGNAME)
	_password: string         @timoni(runtime:string:PASSWORD)
	instances: app: {
		module: url: "file://${fixture("objects")}"
		namespace: "${namespace}"
		values: message: ${message}
	}
}
`,
    });
    const env = { LOGNAME: "jane", HOST: "of the environment" };
    const args = ["-f", "bundle.cue", "-r", runtime, "--runtime-from-env"];
    await succeed(["bundle", "vet", ...args], env);
    await succeed(["bundle", "apply", ...args], env);
    const maps = await kubectlGet("configmaps", "-n", namespace, "-l", "tenon.dev/instance=app");
    const texts = maps.map((map) => JSON.stringify((map as { data?: unknown }).data));
    expect(texts.join()).toContain(`db.local 1 in ConfigMap not there jane ${password}`);
    const again = await succeed(["bundle", "diff", ...args], env);
    expect(again).toContain("unchanged");
  });

  it("lets later queries win, and prints no values of Secrets", async () => {
    const runtime = await runtimeOf(
      "later.json",
      settings({ HOST: "obj.data.host" }),
      login({ HOST: "obj.data.host", PASSWORD: "obj.data.password" }),
    );
    const shown = JSON.parse(await succeed(["runtime", "build", "-f", runtime, "-o", "json"]));
    expect(shown).toEqual([{ cluster: "_default", values: { HOST: "***", PASSWORD: "***" } }]);
    const table = await succeed(["runtime", "build", "-f", runtime, "--show-secrets"]);
    expect(table).toContain("db.secret");
    expect(table).toContain(password);
  });

  it("names objects that are missing, and expressions that give nothing", async () => {
    const missing = await runtimeOf("missing.json", {
      query: `k8s:v1:Secret:${namespace}:no`,
      for: { A: "obj.data.a" },
    });
    const gone = await run(["runtime", "build", "-f", missing]);
    expect(gone).toMatchObject({ code: 1, stdout: "" });
    expect(gone.stderr).toContain(`Secret/${namespace}/no: it does not exist`);
    expect(gone.stderr).toContain("missing.json:1:");
    for (const [expression, reason] of [
      ["obj.data.nothing", "undefined field: nothing"],
      ["obj.data", "it gives a struct"],
      ["obj.data.password + 1", "invalid operands"],
    ]) {
      const runtime = await runtimeOf("bad.json", login({ A: expression }));
      const { code, stderr } = await run(["runtime", "build", "-f", runtime]);
      expect({ expression, code }).toEqual({ expression, code: 2 });
      expect(stderr).toContain(reason);
      expect(stderr).not.toContain(password);
    }
  });
});
