// A record that the API server rejects as too large is first deleted by Timoni: the instance is gone
// from every list, and its objects belong to nobody. Tenon continues a large record in more Secrets,
// and never removes the old one before the new one stands.
import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 27${tools.reason}`, () => {
  it("an instance with 3 MB of values that do not compress is listed, upgraded and deleted", async () => {
    const app = new App();
    await app.applied({ message: "small" });
    const ballast = (): string => randomBytes(2_250_000).toString("base64");
    await app.applied({ message: "large", ballast: ballast() });
    expect(await app.list()).toEqual({ app: "applied" });
    const parts = await app.names("secrets");
    expect(parts.length).toBeGreaterThan(3);
    await app.applied({ message: "larger", ballast: ballast() });
    expect(await app.field("configmap/app", ".data.message")).toBe("larger");
    const now = await app.names("secrets");
    expect(now.length).toBe(parts.length);
    const old = parts.filter((name) => name !== "tenon.app");
    expect(now.filter((name) => old.includes(name))).toEqual([]);
    expect((await app.run("delete", "app")).code).toBe(0);
    expect(await app.names("secrets,configmaps")).toEqual([]);
  });
});
