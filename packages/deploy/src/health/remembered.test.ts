import { describe, expect, it } from "vitest";

import { remembered } from "./remembered.ts";

function counted() {
  let count = 0;
  const check = remembered(() => ({ status: "InProgress", message: String(++count) }));
  return async (uid?: string, resourceVersion?: string): Promise<string> =>
    (await check(JSON.stringify({ metadata: { uid, resourceVersion } }))).message;
}

describe("remembered()", () => {
  it("evaluates an object again when it has changed, and only then", async () => {
    const check = counted();
    expect(await check("a", "1")).toBe("1");
    expect(await check("b", "1")).toBe("2");
    expect(await check("a", "1")).toBe("1");
    expect(await check("a", "2")).toBe("3");
    expect(await check("b", "1")).toBe("2");
  });

  it("evaluates what has no version each time", async () => {
    const check = counted();
    expect(await check()).toBe("1");
    expect(await check("a")).toBe("2");
    expect(await check("a")).toBe("3");
  });
});
