import { expect, it } from "vitest";

import { formatDuration, parseDuration } from "./duration.ts";

it("parseDuration() reads Go durations", () => {
  expect(["250ms", "90s", "5m", "1h30m", "1.5s"].map(parseDuration)).toEqual([
    250, 90_000, 300_000, 5_400_000, 1500,
  ]);
  for (const text of ["", "5", "m", "5 m", "-5m"])
    expect(() => parseDuration(text)).toThrow(/duration/);
});

it("formatDuration() writes one unit or two", () => {
  expect([250, 1500, 60_000, 90_000].map(formatDuration)).toEqual(["250ms", "1.5s", "1m", "1m30s"]);
});
