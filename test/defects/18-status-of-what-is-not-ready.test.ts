// In Timoni status and bundle status succeed when objects have failed or are in progress, status does
// not know custom health checks, and deleting a bundle that nobody knows succeeds. Tenon's exit codes
// are 3 for what is not ready and 1 for what is not there.
import { describe, expect, it } from "vitest";

import { failingJob } from "../support/bundle-file.ts";
import { fixture } from "../support/repo.ts";
import { kubectl } from "../support/shared-cluster.ts";
import { App, tools } from "./app.ts";
import { BundleRun } from "./bundle-run.ts";

describe.skipIf(tools.missing)(`defect 18${tools.reason}`, () => {
  it("status and bundle status exit with 3 for objects that failed or are in progress", async () => {
    await using bundle = await BundleRun.start();
    const namespace = bundle.name;
    const job = failingJob("job", namespace);
    const made = await bundle.apply(
      {
        failing: { namespace, values: { objects: [job] } },
        waiting: { namespace, values: { simulate: "never-ready" } },
      },
      "--wait=false",
    );
    expect(made.code, made.stderr).toBe(0);
    await kubectl("wait", "--for=condition=Failed", "job/job", "-n", namespace, "--timeout=60s");
    const app = new App();
    expect((await app.run("status", "failing", "-n", namespace)).code).toBe(3);
    expect((await app.run("status", "waiting", "-n", namespace)).code).toBe(3);
    const all = await bundle.run("status", bundle.name);
    expect(all.code).toBe(3);
    expect(all.stdout).toContain("Failed");
    expect(all.stdout).toContain("InProgress");
  });

  it("status goes by the health checks of the module", async () => {
    const app = new App();
    const made = await app.run("apply", "app", fixture("health"), "--wait=false");
    expect(made.code, made.stderr).toBe(0);
    const { code, stdout } = await app.run("status", "app");
    expect(code).toBe(3);
    expect(stdout).toContain("InProgress");
  });

  it("deleting a bundle that nobody knows fails", async () => {
    await using bundle = await BundleRun.start();
    const { code, stderr } = await bundle.run("delete", bundle.name);
    expect(code).toBe(1);
    expect(stderr).toContain("[DEPLOY_BUNDLE_NOT_FOUND]");
  });
});
