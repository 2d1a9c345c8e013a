import { chown, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { findTrustPolicy } from "./find-trust-policy.ts";

describe("findTrustPolicy()", () => {
  let root = "";
  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), "tenon-trust-")));
    await mkdir(path.join(root, "work/deep"), { recursive: true });
    await mkdir(path.join(root, "config"));
  });
  afterEach(() => rm(root, { recursive: true }));

  const at = (...names: string[]): string => path.join(root, ...names);
  const find = (file?: string): Promise<string | undefined> =>
    findTrustPolicy({ file, workingDir: at("work/deep"), configDir: at("config") });

  it("takes the file that was named, then the nearest above, then the user's own", async () => {
    expect(await find()).toBeUndefined();
    await writeFile(at("config/trust.yaml"), "");
    expect(await find()).toBe(at("config/trust.yaml"));
    await writeFile(at("tenon.trust.yaml"), "");
    expect(await find()).toBe(at("tenon.trust.yaml"));
    await writeFile(at("work/deep/tenon.trust.yaml"), "");
    expect(await find()).toBe(at("work/deep/tenon.trust.yaml"));
    expect(await find("missing.yaml")).toBe("missing.yaml");
  });

  it.skipIf(process.getuid?.() !== 0)("refuses what another user left above", async () => {
    await writeFile(at("tenon.trust.yaml"), "");
    await chown(at("tenon.trust.yaml"), 12_345, 12_345);
    await expect(find()).rejects.toMatchObject({ code: "DEPLOY_TRUST_POLICY_INVALID" });
    // Whoever owns the working folder decides there, as in a mounted checkout.
    await chown(at("work/deep"), 12_345, 12_345);
    expect(await find()).toBe(at("tenon.trust.yaml"));
  });

  it.skipIf(process.getuid?.() !== 0)(
    "looks at whose a link is, not at whose it leads to",
    async () => {
      await writeFile(at("other.yaml"), "");
      await symlink(at("other.yaml"), at("tenon.trust.yaml"));
      expect(await find()).toBe(at("tenon.trust.yaml"));
    },
  );
});
