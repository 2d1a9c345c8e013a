import { type KubeObjectView, type ObjectRef, identityOf } from "@tenon/core";
import {
  type DesiredInstance,
  type KubeClient,
  applyInstance,
  createKubeClient,
  deleteInstance,
  getInstance,
  getObject,
  loadKubeConfig,
} from "@tenon/kube";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiProxy, startApiProxy } from "../support/api-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { type Render, renders, setOf } from "../support/random-renders.ts";
import { newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER");
const runs = Number(process.env["TENON_TEST_RENDERS"] ?? 25);

describe.skipIf(tools.missing)(`random renders A and B${tools.reason}`, () => {
  let proxy: ApiProxy;
  let client: KubeClient;
  beforeAll(async () => {
    proxy = await startApiProxy(sharedCluster());
    client = createKubeClient(await loadKubeConfig({ env: {}, kubeconfig: proxy.kubeconfig }));
  });
  afterAll(async () => {
    await client?.close();
    await proxy?.[Symbol.asyncDispose]();
  });

  it("A then B is B, field by field, and what is equal in both is not written", async () => {
    await fc.assert(
      fc.asyncProperty(renders, renders, async (a, b) => {
        const [changed, fresh] = [newNamespace("random-a"), newNamespace("random-b")];
        await apply(a, changed);
        proxy.reset();
        await apply(b, changed);
        const written = new Set(proxy.writes().map(({ path }) => path.split("?", 1)[0]!));
        await apply(b, fresh);
        for (const ref of unchanged(a, b, changed)) {
          const name = encodeURIComponent(ref.name);
          const own = [...written].filter((path) => path.endsWith(`/${name}`) && isOf(path, ref));
          expect(own, `${ref.kind}/${ref.name} was written`).toEqual([]);
        }
        const wanted = await contentOf(b, fresh);
        await eventually(
          async () => {
            const found = await contentOf(b, changed);
            if (JSON.stringify(found) === JSON.stringify(wanted)) return true;
            return undefined;
          },
          { what: "the same content", timeoutMs: 3000 },
        ).catch(async () => expect(await contentOf(b, changed)).toEqual(wanted));
        await expectGone(a, b, changed);
        await Promise.all([changed, fresh].map((namespace) => remove(namespace)));
      }),
      { numRuns: runs, endOnFailure: true },
    );
  }, 1_200_000);

  const apply = (render: Render, namespace: string) =>
    applyInstance(client, instance(render, namespace), { force: true, wait: false });

  const remove = (namespace: string) =>
    deleteInstance(client, "random", namespace, { wait: false });

  /** What the server holds of a render, without what differs between any two objects. */
  async function contentOf(render: Render, namespace: string): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const ref of refsOf(render, namespace)) {
      const resource = await client.discovery.get(ref.apiVersion, ref.kind);
      const view = await getObject(client, resource, ref);
      found.push(view === undefined ? `no ${ref.kind}` : contentText(view, namespace));
    }
    return found;
  }

  /** What left the render is deleted, and the inventory has nothing else. */
  async function expectGone(a: Render, b: Render, namespace: string): Promise<void> {
    const kept = new Set(refsOf(b, namespace).map(identityOf));
    const stale = refsOf(a, namespace).filter((ref) => !kept.has(identityOf(ref)));
    for (const ref of stale) {
      await eventually(
        async () => {
          const resource = await client.discovery.find(ref.apiVersion, ref.kind);
          const view = resource === undefined ? undefined : await getObject(client, resource, ref);
          return view === undefined ? true : undefined;
        },
        { what: `${ref.kind}/${ref.name} to go` },
      );
    }
    const { record } = await getInstance(client, "random", namespace);
    const inventory = new Set(record.applied!.inventory.map((entry) => identityOf(entry)));
    expect(inventory).toEqual(kept);
  }
});

function instance(render: Render, namespace: string): DesiredInstance {
  const module = { name: "random", repository: "random", version: "1.0.0", digest: "none" };
  return { name: "random", namespace, module, images: [], sets: [setOf(render, namespace)] };
}

const clusterScoped = new Set(["ClusterRole", "PriorityClass", "CustomResourceDefinition"]);

function refsOf(render: Render, namespace: string): ObjectRef[] {
  return setOf(render, namespace).objects.map(({ view }) => {
    const { apiVersion, kind, metadata } = view;
    const { name } = metadata;
    return clusterScoped.has(kind)
      ? { apiVersion, kind, name }
      : { apiVersion, kind, namespace, name };
  });
}

/** The objects that two renders have in common, with the same text. */
function unchanged(a: Render, b: Render, namespace: string): ObjectRef[] {
  const texts = new Set(setOf(a, namespace).objects.map(({ json }) => json));
  const refs = refsOf(b, namespace);
  return setOf(b, namespace).objects.flatMap(({ json }, index) =>
    texts.has(json) ? [refs[index]!] : [],
  );
}

function isOf(path: string, { kind }: ObjectRef): boolean {
  return path.includes(`/${kind.toLowerCase()}`);
}

const ofTheServer = [
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "generation",
  "managedFields",
  "selfLink",
];

/** Values that the server or a controller draws for each object. */
const drawn = new Set([
  "clusterIP",
  "clusterIPs",
  "nodePort",
  "volumeName",
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
  "deployment.kubernetes.io/revision",
  "deprecated.daemonset.template.generation",
]);

/** Which of them there are depends on who is faster, binder or provisioner. */
const ofVolumeController = /^(pv|volume(\.beta)?)\.kubernetes\.io\//;

function contentText(view: KubeObjectView, namespace: string): string {
  const { status: _, metadata, ...rest } = view;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) => !drawn.has(key) && !ofVolumeController.test(key),
  );
  const kept = {
    ...Object.fromEntries(Object.entries(metadata).filter(([key]) => !ofTheServer.includes(key))),
    annotations: Object.fromEntries(annotations),
  };
  const managed = (metadata["managedFields"] ?? []) as { manager: string; fieldsV1: unknown }[];
  const owned = managed
    .filter(({ manager }) => manager === "tenon")
    .map(({ fieldsV1 }) => fieldsV1);
  const content = { ...rest, metadata: kept, owned };
  const text = JSON.stringify(content, (key, value: unknown) => {
    if (drawn.has(key)) return undefined;
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  });
  return text.replaceAll(namespace, "NAMESPACE");
}
