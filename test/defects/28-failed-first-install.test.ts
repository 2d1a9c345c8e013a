// After a first install that failed, Timoni lists an instance that looks like any other, without its
// images. In Tenon its state is "failed", with the reason and the images.
import { describe, expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 28${tools.reason}`, () => {
  it("a failed first install is told from a healthy instance", async () => {
    const app = new App(repoPath("test/defects/fixtures/images"));
    const { code } = await app.apply(
      { images: { web: { repository: "example.com/web" } }, simulate: "never-ready" },
      "--timeout",
      "3s",
    );
    expect(code).toBe(1);
    expect(await app.list()).toEqual({ app: "failed" });
    const status = await app.run("status", "app", "-o", "json");
    expect(status.code).toBe(3);
    expect(JSON.parse(status.stdout)).toMatchObject({
      state: "failed",
      healthy: false,
      images: ["example.com/web:1"],
      error: { code: "KUBE_NOT_READY" },
    });
    await app.applied({});
    expect(await app.list()).toEqual({ app: "applied" });
  });
});
