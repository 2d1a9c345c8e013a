// One record that cannot be read makes all of Timoni's lists and bundle commands fail, and nothing
// repairs it. In Tenon it is named beside the others, no command touches what it does not know, and
// `repair` makes the record anew from the objects.
import { describe, expect, it } from "vitest";

import { fixture } from "../support/repo.ts";
import { kubectl } from "../support/shared-cluster.ts";
import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 17${tools.reason}`, () => {
  async function withCorruptRecord(): Promise<App> {
    const app = new App();
    await app.applied({ message: "kept" });
    await app.run("apply", "healthy", fixture("objects"));
    const record = Buffer.from('{"version":1,').toString("base64");
    const patch = JSON.stringify({ data: { record } });
    await kubectl("patch", "secret/tenon.app", "-n", app.namespace, "--type=merge", "-p", patch);
    return app;
  }

  it("a list shows all others, and names the one that is damaged", async () => {
    const app = await withCorruptRecord();
    const { code, stdout, stderr } = await app.run("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^healthy /m);
    expect(stderr).toContain(`instance app in ${app.namespace}: Cannot read record`);
  });

  it.each([
    ["apply", "app", fixture("objects")],
    ["delete", "app"],
    ["status", "app"],
  ])("%s says what is wrong and changes nothing", async (...command) => {
    const app = await withCorruptRecord();
    const before = await app.field("configmap/app", ".metadata.resourceVersion");
    const { code, stderr } = await app.run(...command);
    expect(code).toBe(1);
    expect(stderr).toContain("[KUBE_RECORD_INVALID]");
    expect(stderr).toMatch(/\nhint: /);
    expect(await app.field("configmap/app", ".metadata.resourceVersion")).toBe(before);
  });

  it("repair makes the record anew, and the instance can be applied and deleted", async () => {
    const app = await withCorruptRecord();
    const repaired = await app.run("repair", "app", "--yes");
    expect(repaired.stderr).not.toContain("error:");
    expect(Object.keys(await app.list())).toEqual(["app", "healthy"]);
    await app.applied({ message: "after" });
    expect(await app.list()).toEqual({ app: "applied", healthy: "applied" });
    const deletion = await app.run("delete", "app");
    expect(deletion.code, deletion.stderr).toBe(0);
  });
});
