import { describe, expect, it } from "vitest";

import type { DeployContext } from "../context.ts";
import { checkRenderUrl, publishRender } from "./publish-render.ts";

describe("checkRenderUrl()", () => {
  it("takes a tag alone", () => {
    expect(checkRenderUrl("oci://ghcr.io/org/web:1.0.0")).toEqual({ tag: "1.0.0" });
    const digest = `sha256:${"a".repeat(64)}`;
    for (const tail of ["", `@${digest}`, `:1.0.0@${digest}`]) {
      const check = () => checkRenderUrl(`oci://ghcr.io/org/web${tail}`);
      expect(check).toThrow(expect.objectContaining({ code: "DEPLOY_PUSH_TAG_MISSING" }));
    }
  });
});

describe("publishRender()", () => {
  it("does not push what has no objects", async () => {
    const module = { name: "a", repository: ".", version: "0.0.0-devel", digest: "unknown" };
    const instances = [{ namespace: "apps", module, objects: [] }];
    // It is refused before there is a use for an engine.
    const pushed = publishRender({ env: {} } as unknown as DeployContext, {
      url: "oci://127.0.0.1:1/org/web:1.0.0",
      instances,
    });
    await expect(pushed).rejects.toMatchObject({ code: "DEPLOY_RENDER_EMPTY" });
  });
});
