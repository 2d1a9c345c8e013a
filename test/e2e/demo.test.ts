import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";

import { describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { type DemoStep, loadDemo } from "../support/load-demo.ts";
import { repoPath, repoRoot } from "../support/repo.ts";
import { outputOf, startProcess } from "../support/run-process.ts";
import type { KubectlObject } from "../support/shared-cluster.ts";
import { needs, toolPath } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");

describe.skipIf(tools.missing)(`npm start${tools.reason}`, () => {
  it("leaves in the registry and the cluster what each step says", async () => {
    const runDemo = await loadDemo();
    const seen: string[] = [];
    const versions = new Map<string, string>();
    const out = new PassThrough();
    const printed = read(out);
    let dir = "";
    await runDemo({
      out,
      cluster: toolPath("TENON_TEST_CLUSTER"),
      async afterStep(step) {
        seen.push(step.name);
        dir = step.dir;
        await checks[step.name]?.(step, versions);
      },
    });
    expect(seen.join(" ")).toBe(
      "vet push pull install diff upgrade repeat list status " +
        "inspect-module inspect-values inspect-resources delete stop",
    );
    await expect(stat(dir)).rejects.toThrow("ENOENT");
    out.end();
    const text = await printed;
    expect(text).toContain("\n$ tenon mod vet modules/app\n");
    expect(text).not.toContain("\u001b");
  });

  it("ends with 130 and leaves nothing behind when it is interrupted", async () => {
    const demo = startProcess(process.execPath, [repoPath("scripts/demo.mjs")], { cwd: repoRoot });
    // While it installs the instance.
    const find = (): RegExpExecArray | undefined =>
      /oci:\/\/(\S+)\nAPI server {2}https:\/\/(\S+)[^]*# (\S+)\/values\.yaml/.exec(demo.stdout()) ??
      undefined;
    const [, registry, server, dir = ""] = await eventually(find, { what: "the install step" });
    demo.child.kill("SIGINT");
    expect((await demo.result).code).toBe(130);
    await expect(stat(dir)).rejects.toThrow("ENOENT");
    for (const host of [registry, server]) await expect(fetch(`http://${host}/`)).rejects.toThrow();
  });
});

type Check = (step: DemoStep, versions: Map<string, string>) => Promise<void>;

const checks: Readonly<Record<string, Check>> = {
  async push({ registry, stdout }) {
    for (const tag of ["1.0.0", "latest"]) {
      expect(stdout).toContain(`digest: ${await digestOf(registry, tag)}\n`);
    }
  },
  async pull({ dir, args, registry }) {
    expect(args).toContain(await digestOf(registry, "1.0.0"));
    for (const name of ["timoni.cue", "templates/config.cue", "cue.mod/module.cue"]) {
      const pulled = await readFile(path.join(dir, "pulled", name));
      expect(pulled.equals(await readFile(repoPath("modules/app", name)))).toBe(true);
    }
  },
  async install(step, versions) {
    const objects = await owned(step);
    expect(objects.map(idOf)).toEqual([
      expect.stringMatching(/^ConfigMap\/web-[0-9a-f]{8}$/),
      "Deployment/web",
      "Service/web",
      "ServiceAccount/web",
    ]);
    expect(await replicasOf(step)).toEqual({ wanted: 1, available: 1 });
    remember(objects, versions);
  },
  async diff(step, versions) {
    expect(step.stdout).toContain("spec.replicas: 1 → 2");
    expect(changed(await owned(step), versions)).toEqual([]);
  },
  async upgrade(step, versions) {
    const objects = await owned(step);
    expect(changed(objects, versions)).toEqual(["Deployment/web"]);
    expect(await replicasOf(step)).toEqual({ wanted: 2, available: 2 });
    remember(objects, versions);
  },
  async repeat(step, versions) {
    expect(changed(await owned(step), versions)).toEqual([]);
  },
  async list({ stdout }) {
    expect(stdout).toMatch(/^web +demo +oci:\S+\/modules\/app +1\.0\.0 .* applied +\d+$/m);
  },
  async status({ stdout }) {
    expect(stdout).toContain("Deployment/demo/web Current");
  },
  async "inspect-values"({ stdout }) {
    expect(stdout).toMatch(/^\treplicas: 2$/m);
  },
  async delete(step) {
    expect(await owned(step)).toEqual([]);
    expect(await get(step, "secrets")).toEqual([]);
    const namespace = await get(step, "namespace", "demo");
    expect(namespace.map(idOf)).toEqual(["Namespace/demo"]);
  },
};

async function digestOf(registry: string, tag: string): Promise<string> {
  const response = await fetch(`http://${registry}/v2/modules/app/manifests/${tag}`, {
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  expect(response.status).toBe(200);
  return String(response.headers.get("docker-content-digest"));
}

/** The objects that carry the labels of the demo's instance. */
function owned(step: DemoStep): Promise<KubectlObject[]> {
  const kinds = "configmaps,deployments,services,serviceaccounts";
  return get(step, kinds, "-l", "tenon.dev/instance=web,tenon.dev/instance-namespace=demo");
}

async function get({ kubeconfig }: DemoStep, ...args: string[]): Promise<KubectlObject[]> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const command = ["get", "-n", "demo", "-o", "json", ...args];
  const text = await outputOf(toolPath("TENON_TEST_KUBECTL"), command, { env });
  const answer = JSON.parse(text) as KubectlObject & { items?: KubectlObject[] };
  const objects = answer.items ?? [answer];
  return objects.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

async function replicasOf(step: DemoStep): Promise<{ wanted: number; available: number }> {
  const [deployment] = (await get(step, "deployment", "web")) as unknown as {
    spec: { replicas: number };
    status: { availableReplicas: number };
  }[];
  return {
    wanted: deployment?.spec.replicas ?? 0,
    available: deployment?.status.availableReplicas ?? 0,
  };
}

function idOf({ kind, metadata }: KubectlObject): string {
  return `${kind}/${metadata.name}`;
}

/** Keeps generations where there are some: the status of a workload may move on at any time. */
function versionOf({ metadata }: KubectlObject): string {
  const { generation } = metadata as { generation?: number };
  return generation === undefined ? metadata.resourceVersion : `generation ${generation}`;
}

function remember(objects: readonly KubectlObject[], versions: Map<string, string>): void {
  versions.clear();
  for (const object of objects) versions.set(idOf(object), versionOf(object));
}

function changed(objects: readonly KubectlObject[], versions: Map<string, string>): string[] {
  return objects.filter((object) => versions.get(idOf(object)) !== versionOf(object)).map(idOf);
}

async function read(stream: PassThrough): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
