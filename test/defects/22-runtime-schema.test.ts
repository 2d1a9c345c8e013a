// Timoni loads the schema of runtimes but checks nothing with it: unknown versions, bad names and
// fields that nobody reads are accepted. Tenon rejects each with its place.
import { describe, expect, it } from "vitest";

import { bundleText } from "../support/bundle-file.ts";
import { tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";

describe("defect 22", () => {
  const good = {
    apiVersion: "v1alpha1",
    name: "fleet",
    clusters: { staging: { group: "test", kubeContext: "staging" } },
  };

  async function vet(runtime: object): Promise<{ code: number; stderr: string }> {
    await using dir = await tempDir();
    await dir.write({
      "bundle.cue": bundleText("shop", { app: { namespace: "shop" } }),
      "runtime.cue": `runtime: ${JSON.stringify(runtime)}\n`,
    });
    const args = ["bundle", "vet", "-f", "bundle.cue", "-r", "runtime.cue"];
    return await spawnTenon(args, { cwd: dir.path });
  }

  it("a runtime as it should be is accepted", async () => {
    const { code, stderr } = await vet(good);
    expect(code, stderr).toBe(0);
  });

  it.each([
    ["an unknown version", { ...good, apiVersion: "v9" }, "runtime.cue:1:"],
    ["a bad name", { ...good, name: "Not A Name!" }, "runtime.cue:1:"],
    ["no name", { ...good, name: undefined }, "runtime.name"],
    ["an unknown field", { ...good, cluster: {} }, "runtime.cue:1:"],
    ["an unknown field of a cluster", withStaging({ contxt: "s" }), "runtime.cue:1:"],
    ["a cluster without a group", withStaging({ group: undefined }), "staging.group"],
  ])("%s is rejected", async (_, runtime, place) => {
    const { code, stderr } = await vet(runtime);
    expect(code).toBe(2);
    expect(stderr).toContain("[SCHEMA_RUNTIME_INVALID]");
    expect(stderr).toContain(place);
  });

  function withStaging(more: object): object {
    return { ...good, clusters: { staging: { ...good.clusters.staging, ...more } } };
  }
});
