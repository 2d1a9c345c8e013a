import { kubeObject } from "@tenon/core";
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
    const instances = [{ name: "web", namespace: "apps", module, objects: [] }];
    // It is refused before there is a use for an engine.
    const pushed = publishRender({ env: {} } as unknown as DeployContext, {
      url: "oci://127.0.0.1:1/org/web:1.0.0",
      instances,
    });
    await expect(pushed).rejects.toMatchObject({ code: "DEPLOY_RENDER_EMPTY" });
  });

  it("does not push what has an object twice", async () => {
    const module = { name: "a", repository: ".", version: "0.0.0-devel", digest: "unknown" };
    const named = kubeObject(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"apps"}}',
    );
    const bare = kubeObject('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}');
    const pushed = publishRender({ env: {} } as unknown as DeployContext, {
      url: "oci://127.0.0.1:1/org/web:1.0.0",
      instances: [
        { name: "web", namespace: "apps", module, objects: [bare] },
        { name: "api", namespace: "tools", module, objects: [bare, named] },
      ],
    });
    await expect(pushed).rejects.toMatchObject({
      code: "DEPLOY_OBJECT_SHARED",
      message:
        "Cannot push a render to oci://127.0.0.1:1/org/web:1.0.0: instances web and api both have ConfigMap/apps/a",
    });
  });
});
