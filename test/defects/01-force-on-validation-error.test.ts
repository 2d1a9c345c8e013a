// Timoni takes every rejected object for one with an immutable field: with --force, a plain typing
// error such as port 700000 deletes the live object. Tenon recreates for immutable fields alone.
import { describe, expect, it } from "vitest";

import { App, invalidService, service, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 1${tools.reason}`, () => {
  it.each([
    ["--force", ["--force"], {}],
    ["the annotation", [], { annotations: { "action.timoni.sh/force": "enabled" } }],
  ])("an invalid object is not deleted with %s", async (_, flags, metadata) => {
    const app = new App();
    await app.applied({ objects: [service("web", 80, metadata)] });
    const uid = await app.field("service/web", ".metadata.uid");
    const { code, stderr } = await app.apply(
      { objects: [invalidService("web", metadata)] },
      ...flags,
    );
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_INVALID]");
    expect(await app.field("service/web", ".metadata.uid")).toBe(uid);
    expect(await app.field("service/web", ".spec.ports[0].port")).toBe("80");
  });
});
