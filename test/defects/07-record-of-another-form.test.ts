// Timoni's records were once of another Secret type, which cannot be changed: such an instance cannot
// be upgraded. Tenon's record has had one type from its first version. What does change with its size
// is its form (JSON, compressed, in parts), and that is no obstacle in either direction.
import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 7${tools.reason}`, () => {
  it("a record is brought from each form to each other in the same Secret", async () => {
    const app = new App();
    const sizes = { json: 0, gzip: 20_000, "gzip-parts": 2_000_000 };
    const path = ["json", "gzip-parts", "gzip", "json", "gzip", "gzip-parts", "json"] as const;
    let uid: string | undefined;
    for (const [step, form] of path.entries()) {
      const ballast = randomBytes(sizes[form] / 2).toString("hex");
      await app.applied({ message: `step ${step}`, ballast });
      const secret = "secret/tenon.app";
      expect(decode(await app.field(secret, ".data.encoding"))).toBe(form);
      uid ??= await app.field(secret, ".metadata.uid");
      expect(await app.field(secret, ".metadata.uid")).toBe(uid);
      const values = await app.run("inspect", "values", "app");
      expect(values.stdout).toContain(`step ${step}`);
    }
    expect(await app.names("secrets")).toEqual(["tenon.app"]);
  });
});

function decode(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
