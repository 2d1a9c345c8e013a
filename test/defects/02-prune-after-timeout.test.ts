// In Timoni one deadline covers the wait and the prune: after a wait that timed out, pruning always
// fails with it. In Tenon each wait has a time of its own, so what left the instance goes.
import { describe, expect, it } from "vitest";

import { App, configMap, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 2${tools.reason}`, () => {
  it("what left the instance is pruned although what is in it did not become ready in time", async () => {
    const app = new App();
    await app.applied({ objects: [configMap("old")] });
    const late = { simulate: "never-ready" };
    const { code, stderr } = await app.apply(late, "--timeout", "3s");
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_NOT_READY]");
    expect(stderr).not.toContain("deadline");
    expect(await app.names("configmaps")).toEqual(["app"]);
  });
});
