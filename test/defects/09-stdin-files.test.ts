// Timoni copies what is piped to `-f -`, which often holds secrets, to a temporary file that it never
// removes. Tenon reads it into memory.
import { readdir } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { bundleText } from "../support/bundle-file.ts";
import { readTree } from "../support/read-tree.ts";
import { sharedCluster } from "../support/shared-cluster.ts";
import { tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";
import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 9${tools.reason}`, () => {
  const secret = "correct-horse-battery";

  it.each(["vet", "build", "apply"])(
    "bundle %s leaves no file of what was piped to it",
    async (command) => {
      await using dir = await tempDir();
      await dir.write({ "tmp/.keep": "", "home/.keep": "", "state/.keep": "", "work/.keep": "" });
      const { namespace } = new App();
      const stringData = { password: secret };
      const object = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s", namespace },
        stringData,
      };
      const { code, stderr } = await spawnTenon(["bundle", command, "-f", "-"], {
        cwd: dir.file("work"),
        env: {
          KUBECONFIG: sharedCluster().kubeconfig,
          TMPDIR: dir.file("tmp"),
          HOME: dir.file("home"),
          TENON_CACHE_DIR: dir.file("home/cache"),
          TENON_STATE_DIR: dir.file("state"),
        },
        input: bundleText(namespace, { app: { namespace, values: { objects: [object] } } }),
      });
      expect(code, stderr).toBe(0);
      expect(await readdir(dir.file("tmp"))).toEqual([".keep"]);
      expect(await readdir(dir.file("work"))).toEqual([".keep"]);
      expect(JSON.stringify(await readTree(dir.path))).not.toContain(secret);
    },
  );
});
