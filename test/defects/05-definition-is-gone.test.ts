// When the definition of a custom resource is gone, Timoni can neither delete nor prune the instance
// that had such a resource, ever. In Tenon what the API server does not know any more is gone.
import { describe, expect, it } from "vitest";

import { definitionOf } from "../support/bundle-file.ts";
import { established } from "../support/definitions.ts";
import { kubectl, kubectlWith, sharedCluster } from "../support/shared-cluster.ts";
import { App, configMap, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 5${tools.reason}`, () => {
  /** An instance with a custom resource of which somebody has removed the definition. */
  async function orphaned(): Promise<App> {
    const app = new App();
    const group = `${app.namespace}.example.com`;
    await kubectlWith(JSON.stringify(definitionOf(group, "Thing")), "create", "-f", "-");
    const crd = `crd/things.${group}`;
    await established(sharedCluster().kubeconfig, crd);
    const thing = { apiVersion: `${group}/v1`, kind: "Thing", metadata: { name: "x" }, spec: {} };
    await app.applied({ objects: [thing, configMap("other")] });
    await kubectl("delete", crd);
    return app;
  }

  it("the instance can be deleted", async () => {
    const app = await orphaned();
    const { code, stderr } = await app.run("delete", "app");
    expect(code, stderr).toBe(0);
    expect(await app.names("configmaps")).toEqual([]);
    expect(await app.list()).toEqual({});
  });

  it("the resource can be left out of the instance", async () => {
    const app = await orphaned();
    expect(await app.applied({ objects: [configMap("other")] })).toMatchObject({
      "Thing/x": "deleted",
      "ConfigMap/other": "unchanged",
    });
    expect(await app.list()).toEqual({ app: "applied" });
  });

  it("a first apply with a kind that never was leaves nothing behind", async () => {
    const app = new App();
    const never = { apiVersion: "never.example.com/v1", kind: "Never", metadata: { name: "x" } };
    const { code, stderr } = await app.apply({ objects: [never] });
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_KIND_UNKNOWN]");
    expect(await app.list()).toEqual({});
    expect(await app.names("configmaps")).toEqual([]);
  });
});
