import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { applyAs, makeNamespace, makeTimoniInstance } from "../support/foreign-instances.ts";
import { helm, helmChart } from "../support/helm.ts";
import { fixture } from "../support/repo.ts";
import {
  type KubectlObject,
  kubectl,
  kubectlGet,
  kubectlWith,
  newNamespace,
  sharedCluster,
} from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";
import { webObjects, yamlOf } from "../support/web-objects.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL", "TENON_TEST_HELM");

/** How many instances each tool makes; 100 together. */
const instances = { helm: 34, kubectl: 33, timoni: 33 } as const;
const parallel = 3;
type Maker = keyof typeof instances;

describe.skipIf(tools.missing).each(Object.keys(instances) as Maker[])(
  `%s: adopt, upgrade and leave of many instances${tools.reason}`,
  (tool) => {
    const namespace = newNamespace(`hundred-${tool.slice(0, 1)}`);
    const names = Array.from({ length: instances[tool] }, (_, index) => `web-${index}`);
    let dir: TempDir;
    let chart: TempDir;
    let made: Map<string, State>;
    let upgraded: Map<string, State>;

    beforeAll(async () => {
      dir = await tempDir();
      await dir.write({
        "new.yaml": 'values: { image: "nginx:2", settings: { colour: green } }\n',
      });
      chart = await helmChart(yamlOf(webObjects("{{ .Release.Name }}")));
      await makeNamespace(namespace);
      await each((name) => make(name));
      await kubectl("wait", "deployments", "--all", "-n", namespace, "--for=condition=Available");
      made = await states();
    });
    afterAll(async () => {
      await chart?.[Symbol.asyncDispose]();
      await dir?.[Symbol.asyncDispose]();
    });

    async function make(name: string): Promise<void> {
      switch (tool) {
        case "helm":
          await helm("install", name, chart.path, "-n", namespace);
          return;
        case "kubectl": {
          const objects = webObjects(name);
          if (Number(name.slice(4)) % 2 === 0) return applyAs("kubectl", namespace, objects);
          await kubectlWith(yamlOf(objects), "apply", "-n", namespace, "-f", "-");
          return;
        }
        case "timoni":
          return makeTimoniInstance(name, namespace);
      }
    }

    async function run(name: string, ...args: string[]): Promise<string> {
      const env = { KUBECONFIG: sharedCluster().kubeconfig };
      const [command = "", ...rest] = args;
      return tenon([command, name, ...rest, "-n", namespace, "-o", "json"], { env });
    }

    async function each(task: (name: string) => Promise<unknown>): Promise<void> {
      const left = [...names];
      const lane = async (): Promise<void> => {
        for (let name = left.shift(); name !== undefined; name = left.shift()) await task(name);
      };
      await Promise.all(Array.from({ length: parallel }, lane));
    }

    /** By instance. */
    async function states(): Promise<Map<string, State>> {
      const kinds = "configmaps,secrets,services,deployments,replicasets";
      const objects = await kubectlGet(kinds, "-n", namespace, "-l", "app");
      return new Map(names.map((name) => [name, stateOf(name, objects)]));
    }

    it("adopts them without a restart", async () => {
      await each(async (name) => {
        const text = await run(name, "adopt", fixture("adopt"), "--from", tool, "--yes");
        const { objects } = JSON.parse(text) as { objects: { action: string }[] };
        expect(objects.map(({ action }) => action)).toEqual(Array(4).fill("same"));
      });
      const adopted = await states();
      for (const name of names) expect(adopted.get(name), name).toEqual(made.get(name));
      const owned = await kubectlGet("deployments", "-n", namespace, "-l", "tenon.dev/instance");
      expect(owned).toHaveLength(names.length);
    });

    it("upgrades them", async () => {
      await each((name) => run(name, "apply", fixture("adopt"), "-f", dir.file("new.yaml")));
      upgraded = await states();
      for (const name of names) {
        const [before, after] = [made.get(name)!, upgraded.get(name)!];
        expect(after.template, name).not.toBe(before.template);
        expect(after.template).toContain("nginx:2");
        expect(after.uids, name).toEqual(before.uids);
        expect(after.replicaSets).toHaveLength(2);
      }
    });

    it("leaves them without a restart", async () => {
      const to = tool === "helm" ? [] : ["--to", tool];
      await each((name) => run(name, "leave", ...to));
      const left = await states();
      for (const name of names) expect(left.get(name), name).toEqual(upgraded.get(name));
      const ours = "tenon.dev/instance";
      expect(await kubectlGet("configmaps,secrets", "-n", namespace, "-l", ours)).toEqual([]);
      expect(await kubectlGet("secrets", "-n", namespace, "-l", "tenon.dev/record")).toEqual([]);
    });

    it("gives them to a tool that goes on", async () => {
      await each(async (name) => {
        const objects = webObjects(name, { image: "nginx:2", colour: "red" });
        if (tool === "kubectl") {
          await kubectlWith(yamlOf(objects), "apply", "-n", namespace, "-f", "-");
        } else if (tool === "helm") {
          await helm("install", name, chart.path, "-n", namespace, "--take-ownership");
        } else {
          await makeTimoniInstance(name, namespace, { image: "nginx:2", colour: "red" });
        }
      });
      const colour = tool === "helm" ? "blue" : "red";
      const maps = await kubectlGet("configmaps", "-n", namespace, "-l", "app");
      expect(maps.map(({ data }) => data)).toEqual(names.map(() => ({ colour })));
    });
  },
);

/** What must stay as it is when an instance changes hands. */
interface State {
  readonly uids: readonly string[];
  /** Of the Deployment, and which revision of it that is. */
  readonly template: string;
  readonly revision: string | undefined;
  /** With the hash of the pod template in their names. */
  readonly replicaSets: readonly string[];
}

function stateOf(name: string, all: readonly KubectlObject[]): State {
  const own = all.filter(({ metadata }) => metadata.labels?.["app"] === name);
  const deployment = own.find(({ kind }) => kind === "Deployment");
  const { spec } = deployment as unknown as { spec: { template: unknown } };
  const annotations = deployment?.metadata as { annotations?: Record<string, string> } | undefined;
  const sets = own.filter(({ kind }) => kind === "ReplicaSet");
  const rest = own.filter(({ kind }) => kind !== "ReplicaSet");
  return {
    uids: rest.map((object) => `${object.kind} ${(object.metadata as { uid?: string }).uid}`),
    template: JSON.stringify(spec.template),
    revision: annotations?.annotations?.["deployment.kubernetes.io/revision"],
    replicaSets: sets.map(({ metadata }) => metadata.name),
  };
}
