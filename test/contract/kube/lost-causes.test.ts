import type { KubeObjectView } from "@tenon/core";
import {
  type Clock,
  type KubeClient,
  type NotReady,
  applyInstance,
  listObjects,
  systemClock,
} from "@tenon/kube";
import { expect, it } from "vitest";

import { eventually } from "../../support/eventually.ts";
import {
  deployment,
  describeOnCluster,
  desired,
  failure,
  object,
  set,
  unique,
  useCluster,
} from "./cluster.ts";

const speed = 10;
const begin = Date.now();
/** Minutes pass in seconds. */
const fastClock: Clock = {
  now: () => begin + (Date.now() - begin) * speed,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / speed, signal),
};
const anHour = 3_600_000;

const pods = {
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  namespaced: true,
  verbs: [],
} as const;

describeOnCluster("a wait that is no use", () => {
  let client: KubeClient;
  useCluster((started) => ({ client } = started), { clock: fastClock });

  const annotated = (name: string, simulate: string) =>
    deployment(name, "nginx:1", { annotations: { "cluster.tenon.dev/simulate": simulate } });

  /** Its pod is on a node that only the test knows. */
  function elsewhere(name: string) {
    const view = JSON.parse(deployment(name).json) as {
      spec: { template: { spec: { nodeName?: string } } };
    };
    view.spec.template.spec.nodeName = "elsewhere";
    return object(view);
  }

  async function report(namespace: string, app: string, status: object): Promise<void> {
    const pod = await eventually(async () => (await podsOf(namespace, app))[0], {
      what: `a pod of ${app}`,
    });
    await client.request({
      method: "PATCH",
      path: `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/status`,
      contentType: "application/merge-patch+json",
      body: JSON.stringify({ status }),
    });
  }

  function podsOf(namespace: string, app: string): Promise<KubeObjectView[]> {
    return listObjects(client, pods, { namespace, labelSelector: `app=${app}` }).catch(() => []);
  }

  const waitingFor = (reason: string, restartCount = 0) => ({
    phase: "Pending",
    containerStatuses: [
      {
        name: "web",
        image: "nginx:1",
        imageID: "",
        ready: false,
        restartCount,
        state: { waiting: { reason, message: `${reason} it is` } },
      },
    ],
  });
  const ready = {
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [
      {
        name: "web",
        image: "nginx:1",
        imageID: "",
        ready: true,
        restartCount: 0,
        state: { running: {} },
      },
    ],
  };

  it("ends when an image cannot be pulled, whatever else is on its way", async () => {
    const app = desired("app", unique("lost"), [
      set("main", annotated("web", "image-pull-error"), annotated("other", "never-ready")),
    ]);
    const error = await failure(applyInstance(client, app, { timeoutMs: anHour }));
    expect(error.details).toMatchObject({ why: "failed" });
    const objects = error.details["objects"] as NotReady[];
    expect(objects.map(({ ref, status }) => [ref.name, status.status])).toEqual([
      ["web", "Failed"],
      ["other", "InProgress"],
    ]);
    expect(objects[0]!.status.message).toMatch(/^Pod\/web-.*: container web ImagePullBackOff: /);
  });

  it("ends when pods may not be created and nothing else is on its way", async () => {
    const quota = object({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "none" },
      spec: { hard: { pods: "0" } },
    });
    const sets = [set("first", quota), set("main", deployment("web"))];
    const app = desired("app", unique("lost"), sets);
    const error = await failure(applyInstance(client, app, { timeoutMs: anHour }));
    expect(error.details).toMatchObject({ why: "failed" });
    expect(error.message).toContain("exceeded quota: none");
  });

  it("ends when a container has crashed again and again", async () => {
    const namespace = unique("lost");
    const app = desired("app", namespace, [set("main", elsewhere("web"))]);
    const applied = failure(applyInstance(client, app, { timeoutMs: anHour }));
    let ended = false;
    void applied.then(() => (ended = true));
    for (let restarts = 1; !ended; restarts++) {
      await report(namespace, "web", waitingFor("CrashLoopBackOff", restarts));
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    const error = await applied;
    expect(error.details).toMatchObject({ why: "failed" });
    expect(error.message).toContain("container web CrashLoopBackOff");
  });

  it("goes on while another object may still bring what is missing", async () => {
    const namespace = unique("lost");
    const app = desired("app", namespace, [
      set("main", elsewhere("web"), annotated("operator", "slow:12s")),
    ]);
    const applied = applyInstance(client, app, { timeoutMs: anHour });
    let early = true;
    const mended = report(namespace, "web", waitingFor("CreateContainerConfigError"))
      .then(() =>
        eventually(
          async () => ((await podsOf(namespace, "operator")).some(isReady) ? true : undefined),
          { what: "the operator", timeoutMs: 60_000 },
        ),
      )
      .then(() => {
        early = false;
        return report(namespace, "web", ready);
      });
    const { changes } = await applied;
    await mended;
    expect(early).toBe(false);
    expect(changes.map(({ action }) => action)).toEqual(["created", "created"]);
  });

  it("goes on while one pod of the template is well", async () => {
    const namespace = unique("lost");
    const view = JSON.parse(elsewhere("web").json) as { spec: { replicas: number } };
    view.spec.replicas = 2;
    const app = desired("app", namespace, [set("main", object(view))]);
    const applied = failure(applyInstance(client, app, { timeoutMs: 120_000 }));
    const found = await eventually(
      async () => {
        const all = await podsOf(namespace, "web");
        return all.length === 2 ? all : undefined;
      },
      { what: "two pods" },
    );
    for (const [index, pod] of found.entries()) {
      await client.request({
        method: "PATCH",
        path: `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/status`,
        contentType: "application/merge-patch+json",
        body: JSON.stringify({ status: index === 0 ? ready : waitingFor("ImagePullBackOff") }),
      });
    }
    expect((await applied).details).toMatchObject({ why: "timeout" });
  });
});

function isReady(pod: KubeObjectView): boolean {
  const { conditions = [] } = (pod["status"] ?? {}) as {
    conditions?: { type: string; status: string }[];
  };
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}
