import { randomBytes } from "node:crypto";

import {
  type DesiredInstance,
  type KubeClient,
  applyInstance,
  deleteInstance,
  getInstance,
  instanceStatus,
  listInstances,
  localHolder,
} from "@tenon/kube";
import { describe, expect, it } from "vitest";

import {
  type ClusterInfo,
  configMap,
  describeOnCluster,
  desired,
  set,
  unique,
  useCluster,
} from "./cluster.ts";
import { startFaultyProxy } from "./faulty-proxy.ts";

/** Text that does not compress but for what base64 adds. */
function incompressible(megabytes: number): string {
  return randomBytes((megabytes * 1_000_000 * 3) / 4).toString("base64");
}

const patience = { timeout: 300_000 };

describeOnCluster("records of large instances", () => {
  let cluster: ClusterInfo;
  let client: KubeClient;
  useCluster((started) => ({ cluster, client } = started));

  async function secrets(namespace: string): Promise<{ name: string; bytes: number }[]> {
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const { text } = await client.request({ method: "GET", path });
    const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] };
    return items.map((item) => ({ name: item.metadata.name, bytes: JSON.stringify(item).length }));
  }

  async function partNames(namespace: string): Promise<string[]> {
    const names = (await secrets(namespace)).map(({ name }) => name);
    expect(names).toContain("tenon.app");
    return names.filter((name) => name !== "tenon.app");
  }

  /** Another one each time, in its values and in its object. */
  function large(namespace: string): DesiredInstance {
    const values = incompressible(1.5);
    const data = { k: values.slice(0, 20) };
    return desired("app", namespace, [set("app", configMap("a", data))], { values });
  }

  describe("with 10 MB of values and 5,000 objects", patience, () => {
    const namespace = unique("large");
    const objects = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) =>
        configMap(`object-${from + index}`, { k: "v" }),
      );
    const first = desired("app", namespace, [set("app", ...objects(0, 5000))], {
      values: incompressible(10),
    });

    it("are written and read back", async () => {
      const { changes } = await applyInstance(client, first, { wait: false });
      expect(changes.length).toBe(5000);
      const { record } = await getInstance(client, "app", namespace);
      expect(record.pending).toBeUndefined();
      expect(record.applied?.values).toBe(first.values);
      expect(record.applied?.inventory.length).toBe(5000);
      // The API server takes no Secret of more than 1 MiB.
      const sizes = (await secrets(namespace)).map(({ bytes }) => bytes);
      expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
    });

    it("are listed and have a status", async () => {
      const { instances, broken } = await listInstances(client, { namespace });
      expect([instances.map(({ name }) => name), broken]).toEqual([["app"], []]);
      const { objects: found, healthy } = await instanceStatus(client, "app", namespace);
      expect([found.length, healthy]).toEqual([5000, true]);
    });

    it("are not written when nothing changes", async () => {
      const before = client.requests;
      const { changes, recordChanges } = await applyInstance(client, first, { wait: false });
      expect(recordChanges).toBe(false);
      expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(["unchanged"]));
      // The record with its parts, and the pages of one list.
      expect(client.requests - before).toBeLessThan(50);
    });

    it("are updated, without the parts that were before", async () => {
      const old = await partNames(namespace);
      const values = incompressible(10);
      const sets = [set("app", ...objects(10, 5010))];
      const { changes } = await applyInstance(client, { ...first, values, sets }, { wait: false });
      const actions = changes.map(({ action }) => action);
      expect(actions.filter((action) => action === "created").length).toBe(10);
      expect(actions.filter((action) => action === "deleted").length).toBe(10);
      const { record } = await getInstance(client, "app", namespace);
      expect(record.applied?.values).toBe(values);
      expect((await partNames(namespace)).filter((name) => old.includes(name))).toEqual([]);
    });

    it("are deleted with all parts", async () => {
      await deleteInstance(client, "app", namespace);
      expect(await secrets(namespace)).toEqual([]);
    });
  });

  describe("when a run is killed", patience, () => {
    /** A process on this machine that no longer exists. */
    const dead = (): ReturnType<typeof localHolder> => ({ ...localHolder(), pid: 2 ** 22 + 1 });

    it("between any part and the record, the record stays readable and the next change clears up", async () => {
      const namespace = unique("killed");
      await applyInstance(client, large(namespace));
      for (let survived = 0; ; survived++) {
        await using proxy = await startFaultyProxy(cluster.kubeconfig);
        let writes = 0;
        let died = false;
        proxy.fault = ({ write }) => {
          if (died) return "cut";
          if (!write || writes++ < survived) return "pass";
          died = true;
          return "cut-answer";
        };
        const next = large(namespace);
        await applyInstance(proxy.client, next, { holder: dead() }).catch(() => {});
        const { instances, broken } = await listInstances(client, { namespace });
        expect([instances.map(({ name }) => name), broken]).toEqual([["app"], []]);
        if (!died) {
          expect(survived).toBeGreaterThan(8);
          break;
        }
        await applyInstance(client, next);
        const { record } = await getInstance(client, "app", namespace);
        expect(record.applied?.values).toBe(next.values);
        // What a killed run left goes with the next change.
        await applyInstance(client, large(namespace));
        const parts = await partNames(namespace);
        // 1.5 MB of base64 hold 1.1 MB, and a part takes 700 kB.
        expect(parts.length, `killed after ${survived} writes`).toBe(2);
      }
    });
  });
});
