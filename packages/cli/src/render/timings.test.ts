import { expect, it } from "vitest";

import { timingsTable } from "./timings.ts";

it("adds up what is evaluated several times, and puts the dearest first", () => {
  const costs = [
    { label: "instance web", wallMs: 5, timings: { load: 2000, build: 1000 } },
    { label: "instance db", wallMs: 40.4, timings: { merge: 500, load: 30_000 } },
    { label: "instance web", wallMs: 7.25, timings: { load: 100 } },
  ];
  expect(timingsTable(costs)).toBe(
    `EVALUATED     TIMES  MS  MERGE  LOAD  BUILD  ENCODE
instance db   1      40  0.5    30    0.0    0.0
instance web  2      12  0.0    2.1   1.0    0.0
`,
  );
});
