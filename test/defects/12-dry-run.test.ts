// Timoni's dry run knows nothing of --force, one-off, disabled pruning and what is taken over, says
// "created" for all when the namespace is missing, and exits with 0 on errors. In Tenon it is the same
// plan that the apply carries out.
import { describe, expect, it } from "vitest";

import { kubectl } from "../support/shared-cluster.ts";
import { App, configMap, invalidService, tools, type AppValues } from "./app.ts";

const action = (name: string, value: string): object => ({
  annotations: { [`action.timoni.sh/${name}`]: value },
});

describe.skipIf(tools.missing)(`defect 12${tools.reason}`, () => {
  it("says of every object what the apply then does", async () => {
    const app = new App();
    const fixed = (data: string): object => ({ ...configMap("fixed", { data }), immutable: true });
    const before: AppValues = {
      message: "before",
      objects: [
        fixed("before"),
        configMap("once", { data: "before" }, action("one-off", "enabled")),
        configMap("kept", {}, action("prune", "disabled")),
        configMap("gone"),
      ],
    };
    const after: AppValues = {
      message: "after",
      objects: [
        fixed("after"),
        configMap("once", { data: "after" }, action("one-off", "enabled")),
        configMap("foreign", { data: "ours" }),
        configMap("new"),
      ],
    };
    await app.applied(before);
    const theirs = ["configmap", "foreign", "-n", app.namespace, "--from-literal=data=theirs"];
    await kubectl("create", ...theirs, "--field-manager=somebody");
    const flags = ["--force", "--force-conflicts"];
    const predicted = await app.applied(after, "--dry-run", ...flags);
    expect(predicted).toEqual({
      "ConfigMap/app": "configured",
      "ConfigMap/fixed": "created",
      "ConfigMap/once": "skipped",
      "ConfigMap/foreign": "configured",
      "ConfigMap/new": "created",
      "ConfigMap/kept": "skipped",
      "ConfigMap/gone": "deleted",
    });
    expect(await app.applied(after, ...flags)).toEqual(predicted);
  });

  it("fails where the apply would, also when the namespace is still to be made", async () => {
    const app = new App();
    await app.applied({});
    const invalid = { objects: [invalidService("web")] };
    for (const instance of [app, new App()]) {
      const dry = await instance.apply(invalid, "--dry-run");
      const real = await instance.apply(invalid);
      expect([dry.code, real.code]).toEqual([1, 1]);
      expect(dry.stderr).toContain("[KUBE_INVALID]");
    }
  });
});
