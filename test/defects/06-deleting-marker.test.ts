// In Timoni an instance whose deletion was broken off says "deleting" for ever, also after it was
// applied again. In Tenon the next apply takes the place of the unfinished run.
import { describe, expect, it } from "vitest";

import { kubectl } from "../support/shared-cluster.ts";
import { App, configMap, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 6${tools.reason}`, () => {
  it("an apply after a delete that did not end leaves an instance that is applied", async () => {
    const app = new App();
    const held = configMap("held", {}, { finalizers: ["example.com/hold"] });
    await app.applied({ objects: [held] });
    const deletion = await app.run("delete", "app", "--timeout", "2s");
    expect(deletion.code).toBe(1);
    expect(deletion.stderr).toContain("[KUBE_TIMEOUT]");
    expect(await app.list()).toEqual({ app: "deleting" });

    const release = ["--type=merge", "-p", '{"metadata":{"finalizers":null}}'];
    await kubectl("patch", "configmap/held", "-n", app.namespace, ...release);
    await app.applied({ objects: [configMap("held")] });
    expect(await app.list()).toEqual({ app: "applied" });
    expect((await app.run("status", "app")).code).toBe(0);
    expect(await app.field("secret/tenon.app", ".data.record").then(decode)).not.toContain(
      "delete",
    );
  });
});

function decode(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
