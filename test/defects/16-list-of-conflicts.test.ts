// Timoni's list of instances that a bundle may not have ends in a dangling "; ". Tenon's lists end
// where they end.
import { describe, expect, it } from "vitest";

import { App, configMap, tools } from "./app.ts";
import { BundleRun } from "./bundle-run.ts";

describe.skipIf(tools.missing)(`defect 16${tools.reason}`, () => {
  it("several instances of another bundle are named in one sentence", async () => {
    await using first = await BundleRun.start();
    await using second = await BundleRun.start();
    const namespace = first.name;
    const instances = { one: { namespace }, two: { namespace } };
    expect((await first.apply(instances)).code).toBe(0);
    const { code, stderr } = await second.apply(instances);
    expect(code).toBe(1);
    expect(stderr).toContain("one");
    expect(stderr).toContain("two");
    expect(stderr).not.toMatch(/[;,:] *(\[[A-Z_]+\])?$/m);
  });

  it("several objects of another instance are named in one sentence", async () => {
    const app = new App();
    const objects = [configMap("a"), configMap("b"), configMap("c")];
    await app.applied({ objects });
    const other = new App();
    const theirs = objects.map((object) => inNamespace(object, app.namespace));
    const { code, stderr } = await other.apply({ objects: theirs });
    expect(code).toBe(1);
    expect(stderr.match(/owns it/g)!.length).toBeGreaterThanOrEqual(3);
    expect(stderr).not.toMatch(/[;,:] *(\[[A-Z_]+\])?$/m);
  });
});

function inNamespace(object: object, namespace: string): object {
  const { metadata } = object as { metadata: object };
  return { ...object, metadata: { ...metadata, namespace } };
}
