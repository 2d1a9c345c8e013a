// A key that is removed from the stringData of a Secret stays in Timoni's live Secret, and the apply
// says "unchanged". Tenon sends data, which it owns key by key.
import { describe, expect, it } from "vitest";

import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 8${tools.reason}`, () => {
  it("a key that leaves stringData leaves the Secret", async () => {
    const app = new App();
    const secret = (stringData: object): object => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login" },
      stringData,
    });
    await app.applied({ objects: [secret({ user: "robot", password: "one two three" })] });
    const { "Secret/login": action } = await app.applied({ objects: [secret({ user: "robot" })] });
    expect(action).toBe("configured");
    expect(await app.field("secret/login", ".data")).toBe('{"user":"cm9ib3Q="}');
  });
});
