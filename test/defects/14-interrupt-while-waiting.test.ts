// Timoni does not listen to Ctrl-C while it waits for readiness. Tenon ends at once, says what is
// done, and notes in the record that the run did not come to its end.
import { describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { fixture } from "../support/repo.ts";
import { sharedCluster } from "../support/shared-cluster.ts";
import { startTenon } from "../support/tenon.ts";
import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 14${tools.reason}`, () => {
  it("Ctrl-C ends a wait", async () => {
    const app = new App();
    const args = ["apply", "app", fixture("objects"), "-n", app.namespace, "-f", "-"];
    const running = startTenon([...args, "--timeout", "10m"], {
      env: { KUBECONFIG: sharedCluster().kubeconfig },
      input: 'values: simulate: "never-ready"\n',
    });
    const waits = (): true | undefined => running.stderr().includes("waiting for") || undefined;
    await eventually(waits, { what: "the wait for readiness" });
    running.child.kill("SIGINT");
    const { code, stderr } = await running.result;
    expect(code).toBe(130);
    expect(stderr).toContain(`done: Deployment/${app.namespace}/app created`);
    expect(await app.list()).toEqual({ app: "failed" });
  });
});
