import { describe, expect, it } from "vitest";

import { settledWithin } from "./prepare-clusters.ts";

const never = new Promise<string>(() => {});

describe("settledWithin()", () => {
  it("waits for all as long as none has been fulfilled", async () => {
    const late = new Promise<string>((resolve) => setTimeout(resolve, 20, "late"));
    const [failed, found] = await settledWithin([Promise.reject(new Error("down")), late], 1);
    expect(failed?.status).toBe("rejected");
    expect(found).toEqual({ status: "fulfilled", value: "late" });
  });

  it("waits for the others no longer than the time", async () => {
    expect(await settledWithin([never, Promise.resolve("there")], 1)).toEqual([
      undefined,
      { status: "fulfilled", value: "there" },
    ]);
  });

  it("waits for all of them without a limit", async () => {
    const late = new Promise<string>((resolve) => setTimeout(resolve, 20, "late"));
    const results = await settledWithin([Promise.resolve("soon"), late], Number.POSITIVE_INFINITY);
    expect(results.map((result) => result?.status)).toEqual(["fulfilled", "fulfilled"]);
  });
});
