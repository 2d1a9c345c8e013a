// Timoni deletes forced objects while it still checks their siblings: an unrelated error beside them
// leaves the object deleted. Tenon deletes nothing before the whole set has passed.
import { describe, expect, it } from "vitest";

import { App, configMap, invalidService, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 25${tools.reason}`, () => {
  it("an object that would be recreated stays when another one of the set is invalid", async () => {
    const app = new App();
    const fixed = (data: string): object => ({ ...configMap("fixed", { data }), immutable: true });
    await app.applied({ objects: [fixed("before")] });
    const uid = await app.field("configmap/fixed", ".metadata.uid");
    const { code, stderr } = await app.apply(
      { objects: [fixed("after"), invalidService("invalid")] },
      "--force",
    );
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_INVALID]");
    expect(await app.field("configmap/fixed", ".metadata.uid")).toBe(uid);
    expect(await app.field("configmap/fixed", ".data.data")).toBe("before");
    const { "ConfigMap/fixed": action } = await app.applied(
      { objects: [fixed("after")] },
      "--force",
    );
    expect(action).toBe("created");
    expect(await app.field("configmap/fixed", ".metadata.uid")).not.toBe(uid);
  });
});
