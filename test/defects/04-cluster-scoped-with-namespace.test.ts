// A cluster-scoped custom resource that carries a namespace, in the same module as its definition:
// Timoni waits for it under the wrong name, and the second apply deletes it as stale. Tenon resolves
// the scope from the definition and drops the namespace.
import { describe, expect, it } from "vitest";

import { definitionOf } from "../support/bundle-file.ts";
import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 4${tools.reason}`, () => {
  it("the resource is found ready, and stays on every later apply", async () => {
    const app = new App();
    const group = `${app.namespace}.example.com`;
    const definition = clusterScoped(definitionOf(group, "Globe"));
    const globe = (size: number): object => ({
      apiVersion: `${group}/v1`,
      kind: "Globe",
      metadata: { name: "earth", namespace: app.namespace },
      spec: { size },
    });
    const uid = (): Promise<string> => app.field(`globes.${group}/earth`, ".metadata.uid");
    const first = await app.applied({ objects: [definition, globe(1)] }, "--timeout", "60s");
    expect(first["Globe/earth"]).toBe("created");
    const before = await uid();
    const again = await app.applied({ objects: [definition, globe(1)] });
    expect(again["Globe/earth"]).toBe("unchanged");
    const changed = await app.applied({ objects: [definition, globe(2)] });
    expect(changed["Globe/earth"]).toBe("configured");
    expect(Object.values(changed)).not.toContain("deleted");
    expect(await uid()).toBe(before);
    expect((await app.run("delete", "app")).code).toBe(0);
  });
});

function clusterScoped(definition: object): object {
  const { spec } = definition as { spec: object };
  return { ...definition, spec: { ...spec, scope: "Cluster" } };
}
