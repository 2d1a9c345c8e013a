import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { type Files, failureOf } from "../support/bad-input.ts";
import { kubeconfigText } from "../support/kubeconfig-text.ts";
import { fixture } from "../support/repo.ts";
import { kubectl, kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { freePort } from "../support/start-server.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

describe("tenon list rejects", () => {
  it("a kubeconfig that is missing", async () => {
    const env = { KUBECONFIG: "missing" };
    expect(await failureOf(["list"], { env })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot find a kubeconfig at missing [KUBE_CONFIG_NOT_FOUND]
      hint: Set KUBECONFIG or pass --kubeconfig <file>
      "
    `);
    expect(await failureOf(["list", "--kubeconfig", "missing"])).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot find a kubeconfig at missing [KUBE_CONFIG_NOT_FOUND]
      hint: Set KUBECONFIG or pass --kubeconfig <file>
      "
    `);
  });

  it("a kubeconfig that is malformed", async () => {
    const files = { config: "apiVersion: v1\nclusters: [\n" };
    expect(await failureOf(["list", "--kubeconfig", "config"], { files })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot read kubeconfig config: unexpected end of the stream within a flow collection (3:1) [KUBE_CONFIG_INVALID]
      hint: Correct the file, or name another one with --kubeconfig
      "
    `);
  });

  it("a context that does not exist, suggesting the one that was meant", async () => {
    const info = { server: "https://127.0.0.1:1", kubeconfig: "", unprivileged: "", auditLog: "" };
    const contexts = { staging: undefined, production: undefined };
    const files = { config: kubeconfigText({ ...info, ca: "", token: "t" }, { contexts }) };
    const args = ["list", "--kubeconfig", "config", "--kube-context", "stagin"];
    expect(await failureOf(args, { files })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot find context "stagin" in config: there are staging, production [KUBE_CONTEXT_UNKNOWN]
      hint: Did you mean staging?
      "
    `);
  });

  it("an API server that is down", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    expect(
      await failureOf(["list", "--kube-server", `https://${host}`], {
        replace: { [host]: "HOST" },
      }),
    ).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot list secrets in default: https://HOST cannot be reached: connect ECONNREFUSED HOST [KUBE_UNREACHABLE]
      hint: Check that the cluster runs and that the context is the right one
      "
    `);
  });
});

describe.skipIf(tools.missing)(`tenon apply rejects${tools.reason}`, () => {
  let proxy: ApiProxy;
  let dir: TempDir;
  beforeAll(async () => {
    proxy = await startApiProxy(sharedCluster());
    dir = await tempDir();
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  /** Applies the fixture, which must fail without a write. */
  async function apply(namespace: string, files: Files = {}, module = "plain"): Promise<string> {
    proxy.reset();
    const report = await failureOf(["apply", "app", "m", "-n", namespace], {
      module,
      files,
      env: { KUBECONFIG: proxy.kubeconfig },
      replace: { [namespace]: "NAMESPACE" },
    });
    expect(proxy.writes().filter(({ status }) => status < 300)).toEqual([]);
    expect(proxy.calls.length).toBeGreaterThan(0);
    return report;
  }

  async function newlyMade(): Promise<string> {
    const namespace = newNamespace("bad");
    await kubectl("create", "namespace", namespace);
    return namespace;
  }

  it("what the user may not do", async () => {
    const namespace = await newlyMade();
    const report = await failureOf(["apply", "app", "m", "-n", namespace], {
      env: { KUBECONFIG: sharedCluster().unprivileged },
      replace: { [namespace]: "NAMESPACE" },
    });
    expect(report).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot read Secret/NAMESPACE/tenon.app: secrets "tenon.app" is forbidden: User "viewer" cannot get resource "secrets" in API group "" in the namespace "NAMESPACE" [KUBE_FORBIDDEN]
      hint: kubectl auth can-i get secrets -n NAMESPACE
      "
    `);
  });

  it("a token that is not valid", async () => {
    const config = kubeconfigText(sharedCluster(), { user: { token: "wrong" } });
    const report = await failureOf(["list", "--kubeconfig", "config"], { files: { config } });
    expect(report).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot list secrets in default: Unauthorized [KUBE_UNAUTHORIZED]
      hint: Log in again, or check the user of the kubeconfig context
      "
    `);
  });

  it("an object that the API server rejects, before anything is written", async () => {
    const namespace = await newlyMade();
    const more = `package main

timoni: #more: [{
	apiVersion: "v1"
	kind:       "Service"
	metadata: {name: "web", namespace: "${namespace}"}
	spec: {ports: [{port: 80}], ipFamilyPolicy: "RequireDualStack"}
}]
`;
    expect(await apply(namespace, { "m/more.cue": more })).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot apply Service/NAMESPACE/web: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services [KUBE_INVALID]
      hint: Correct the module's template, or the value that it takes this from
      "
    `);
    expect(await kubectlGet("secrets", "-n", namespace)).toEqual([]);
  });

  it("an object in a namespace that does not exist", async () => {
    const more = `package main

timoni: #more: [{
	apiVersion: "v1"
	kind:       "ConfigMap"
	metadata: {name: "lost", namespace: "nowhere-at-all"}
}]
`;
    expect(await apply(await newlyMade(), { "m/more.cue": more })).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot apply ConfigMap/nowhere-at-all/lost: namespaces "nowhere-at-all" not found [KUBE_NAMESPACE_NOT_FOUND]
      hint: kubectl create namespace nowhere-at-all
      "
    `);
  });

  it("a field that another manager owns, which --force-conflicts takes", async () => {
    const namespace = await newlyMade();
    const theirs = await dir.write({
      "theirs.json": JSON.stringify({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "settings", namespace },
        data: { key: "theirs" },
      }),
    });
    await kubectl("apply", "--server-side", "--field-manager=somebody", "-f", theirs);
    const report = await apply(namespace);
    expect(report.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME")).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot apply ConfigMap/NAMESPACE/settings: .data.key is owned by somebody since TIME [KUBE_CONFLICT]
      hint: Leave the field out, or take it over with --force-conflicts
      "
    `);
    const [settings] = await kubectlGet("configmap", "settings", "-n", namespace);
    expect(settings?.["data"]).toEqual({ key: "theirs" });
    await tenon(["apply", "app", fixture("plain"), "-n", namespace, "--force-conflicts"], {
      env: { KUBECONFIG: proxy.kubeconfig },
    });
  });

  it("a field of a later stage that another manager owns, before the first stage is written", async () => {
    const namespace = await newlyMade();
    const name = ["create", "configmap", "settings", "-n", namespace];
    await kubectl(...name, "--from-literal=version=theirs", "--field-manager=somebody");
    expect(await apply(namespace, {}, "small")).toContain("[KUBE_CONFLICT]");
    expect(await kubectlGet("secrets", "-n", namespace)).toEqual([]);
  });

  it("an object that another instance owns, which --overwrite-ownership takes", async () => {
    const namespace = await newlyMade();
    const env = { KUBECONFIG: proxy.kubeconfig };
    await tenon(["apply", "first", fixture("plain"), "-n", namespace], { env });
    expect(await apply(namespace)).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot apply 2 objects: ConfigMap/NAMESPACE/first: instance first in NAMESPACE owns it; ConfigMap/NAMESPACE/settings: instance first in NAMESPACE owns it [KUBE_OWNED_BY_OTHER]
      ConfigMap/NAMESPACE/first: instance first in NAMESPACE owns it
      ConfigMap/NAMESPACE/settings: instance first in NAMESPACE owns it
      hint: Rename the object, or take it over with --overwrite-ownership
      "
    `);
    await tenon(["apply", "app", fixture("plain"), "-n", namespace, "--overwrite-ownership"], {
      env,
    });
    const [settings] = await kubectlGet("configmap", "settings", "-n", namespace);
    expect(settings?.metadata.labels).toMatchObject({ "tenon.dev/instance": "app" });
  });

  it("to go on with what does not become ready, naming the object and its pods", async () => {
    const namespace = newNamespace("bad");
    const files = { "v.yaml": "values: { simulate: crash-loop }\n" };
    const args = [
      "apply",
      "app",
      fixture("slow"),
      "-n",
      namespace,
      "-f",
      "v.yaml",
      "--timeout",
      "8s",
    ];
    const report = await failureOf(args, { files, env: { KUBECONFIG: proxy.kubeconfig } });
    expect(report).toContain("[KUBE_NOT_READY]");
    expect(report).toContain("CrashLoopBackOff");
    expect(report).toMatch(/\nhint: kubectl describe deployment web -n /);
  });

  it("a change of a field that cannot change, which --force recreates", async () => {
    const namespace = await newlyMade();
    const env = { KUBECONFIG: proxy.kubeconfig };
    await tenon(["apply", "app", fixture("slow"), "-n", namespace, "--wait=false"], { env });
    proxy.reset();
    const uid = (): Promise<string> =>
      kubectl("get", "deployment/web", "-n", namespace, "-o", "jsonpath={.metadata.uid}");
    const before = await uid();
    const files = await slowWithSelector();
    const other = await failureOf(["apply", "app", "slow", "-n", namespace], {
      files,
      env,
      replace: { [namespace]: "NAMESPACE" },
    });
    expect(other).toMatchInlineSnapshot(`
      "exit 1
      error: Cannot apply Deployment/NAMESPACE/web: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable [KUBE_IMMUTABLE]
      hint: Recreate the object with --force, or set action.timoni.sh/force: enabled on it
      "
    `);
    expect(proxy.writes().filter(({ status }) => status < 300)).toEqual([]);
    expect(await uid()).toBe(before);

    await dir.write(files);
    const forced = ["apply", "app", dir.file("slow"), "-n", namespace, "--force", "--wait=false"];
    expect(await tenon(forced, { env })).toContain(`Deployment/${namespace}/web`);
    expect(await uid()).not.toBe(before);
  });
});

describe.skipIf(tools.missing)(`tenon status, inspect and delete reject${tools.reason}`, () => {
  it.each([["status"], ["inspect", "values"], ["delete"]])(
    "an instance that does not exist: %s",
    async (...command) => {
      const env = { KUBECONFIG: sharedCluster().kubeconfig };
      const report = await failureOf([...command, "nothing", "-n", "default"], { env });
      expect(report).toMatch(/^exit 1\nerror: .* \[KUBE_INSTANCE_NOT_FOUND\]\nhint: /);
    },
  );
});

async function slowWithSelector(): Promise<Record<string, string>> {
  const names = ["timoni.cue", "values.cue", "cue.mod/module.cue"];
  const entries = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(fixture(`slow/${name}`), "utf8");
      return [`slow/${name}`, text.replaceAll('app: "web"', 'app: "other"')] as const;
    }),
  );
  return Object.fromEntries(entries);
}
