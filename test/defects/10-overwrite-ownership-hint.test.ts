// Timoni means to hint at --overwrite-ownership when a bundle meets an instance that is not its own,
// but the code that would is never reached. Tenon gives the hint, and it is right.
import { describe, expect, it } from "vitest";

import { App, tools } from "./app.ts";
import { BundleRun } from "./bundle-run.ts";

describe.skipIf(tools.missing)(`defect 10${tools.reason}`, () => {
  it("an instance of no bundle can be taken into one as the hint says", async () => {
    const app = new App();
    await app.applied({});
    await using bundle = await BundleRun.start();
    const instances = { app: { namespace: app.namespace } };
    const { code, stderr } = await bundle.apply(instances);
    expect(code).toBe(1);
    expect(stderr).toContain("is not managed by any bundle");
    expect(stderr).toMatch(/\nhint: .*--overwrite-ownership/);
    expect((await bundle.apply(instances, "--overwrite-ownership")).code).toBe(0);
  });

  it("an instance of a bundle can be taken out of it as the hint says", async () => {
    const app = new App();
    await using bundle = await BundleRun.start();
    const made = await bundle.apply({ app: { namespace: app.namespace } });
    expect(made.code, made.stderr).toBe(0);
    const { code, stderr } = await app.apply({});
    expect(code).toBe(1);
    expect(stderr).toContain(`is managed by bundle ${bundle.name}`);
    expect(stderr).toMatch(/\nhint: .*--overwrite-ownership/);
    expect((await app.apply({}, "--overwrite-ownership")).code).toBe(0);
  });
});
