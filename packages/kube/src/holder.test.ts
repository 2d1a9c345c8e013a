import { describe, expect, it } from "vitest";

import { holderEntry, isAlive, localHolder } from "./holder.ts";

describe("isAlive()", () => {
  const me = localHolder();
  const now = Date.parse("2026-01-01T00:00:00Z");
  const entry = holderEntry(me, "2026-01-01T00:00:00Z", now);
  const nobody = 2 ** 22 + 1;

  it("believes a holder until it expires", () => {
    expect(entry.expires).toBe("2026-01-01T00:00:15Z");
    expect(isAlive(entry, me, now + 14_000)).toBe(true);
    expect(isAlive(entry, me, now + 15_000)).toBe(false);
  });

  it("looks a process up on its own machine, and nowhere else", () => {
    expect(isAlive({ ...entry, pid: nobody }, me, now)).toBe(false);
    expect(isAlive({ ...entry, pid: nobody, host: "elsewhere" }, me, now)).toBe(true);
  });
});
