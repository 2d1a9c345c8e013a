// In Timoni one --timeout covers a whole bundle: two instances that need 10 s each fail with 14 s,
// although neither takes that long. In Tenon the time is that of each wait.
import { describe, expect, it } from "vitest";

import { kubectl } from "../support/shared-cluster.ts";
import { tools } from "./app.ts";
import { BundleRun } from "./bundle-run.ts";

describe.skipIf(tools.missing)(`defect 3${tools.reason}`, () => {
  it("instances that wait one after another have the whole time each", async () => {
    await using bundle = await BundleRun.start();
    const { name: namespace } = bundle;
    const values = { simulate: "slow:10s" };
    const { code, stdout, stderr } = await bundle.apply(
      { first: { namespace, values }, second: { namespace, values, dependsOn: ["first"] } },
      "--timeout",
      "18s",
    );
    expect(code, stdout + stderr).toBe(0);
    for (const instance of ["first", "second"]) {
      const available = ["-o", "jsonpath={.status.availableReplicas}"];
      expect(await kubectl("get", `deployment/${instance}`, "-n", namespace, ...available)).toBe(
        "1",
      );
    }
    const status = await bundle.run("status", bundle.name);
    expect(status.code, status.stdout).toBe(0);
  });
});
