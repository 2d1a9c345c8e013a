import { describe, expect, it } from "vitest";

import { valuesCoverage } from "./values-coverage.ts";

const fields = ["image", "image.tag", "image.digest", "replicas", 'labels."a.b/c"'].map((path) => ({
  path,
  key: `${path}:`,
  type: "_",
  description: "",
  required: false,
  optional: false,
}));

describe("valuesCoverage()", () => {
  it("names fields that no values set, those that hold others left out", () => {
    const tried = ['{"image":{"tag":"1"}}', '{"replicas":0}', "{}"];
    expect(valuesCoverage(fields, tried)).toEqual({
      fields: 4,
      untouched: ["image.digest", 'labels."a.b/c"'],
    });
  });

  it("finds labels in quotes, and takes null for set", () => {
    const tried = ['{"labels":{"a.b/c":null},"image":{"tag":1,"digest":""},"replicas":1}'];
    expect(valuesCoverage(fields, tried).untouched).toEqual([]);
  });
});
