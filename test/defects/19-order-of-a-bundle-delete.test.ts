// Timoni deletes a bundle in the order in which records were created, by a clock of whole seconds: what
// was made in the same second may go in the wrong order. Tenon's bundle record keeps the order.
import { describe, expect, it } from "vitest";

import { startApiProxy } from "../support/api-proxy.ts";
import { sharedCluster } from "../support/shared-cluster.ts";
import { tools } from "./app.ts";
import { BundleRun } from "./bundle-run.ts";

describe.skipIf(tools.missing)(`defect 19${tools.reason}`, () => {
  it("instances made at the same time go in the reverse of the order in which they depend", async () => {
    await using bundle = await BundleRun.start();
    await using proxy = await startApiProxy(sharedCluster());
    bundle.kubeconfig = proxy.kubeconfig;
    const { name: namespace } = bundle;
    // Names that sort in no helpful way, declared in no helpful order.
    const chain = ["m", "c", "z", "a", "k", "b"];
    const instances = chain.map((name, index) => [
      name,
      { namespace, dependsOn: index === 0 ? [] : [chain[index - 1]!] },
    ]);
    const made = await bundle.apply(Object.fromEntries(instances.toReversed()));
    expect(made.code, made.stderr).toBe(0);
    proxy.reset();
    expect((await bundle.run("delete", bundle.name)).code).toBe(0);
    const deleted = proxy
      .writes()
      .filter(({ method, path }) => method === "DELETE" && path.includes("/configmaps/"))
      .map(({ path }) => path.split("/").at(-1));
    expect(deleted).toEqual(chain.toReversed());
  });
});
