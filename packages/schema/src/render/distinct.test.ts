import { expect, it } from "vitest";

import { distinct } from "./distinct.ts";

const at = { file: "v.yaml", line: 2, column: 3 };
const schema = { file: "config.cue", line: 9, column: 1 };

it("distinct() keeps the path that users know", () => {
  const found = distinct([
    { text: "field not allowed", path: "timoni.instance.config.a", positions: [schema] },
    { text: "field not allowed", path: "values.a", positions: [schema] },
  ]);
  expect(found).toEqual([{ text: "field not allowed", path: "values.a", positions: [schema] }]);
});

it("distinct() keeps different mistakes at one place apart", () => {
  const entries = ["invalid value 1", "field not allowed"].map((text) => ({
    text,
    path: "values.a",
    positions: [at],
  }));
  expect(distinct(entries)).toEqual(entries);
});
