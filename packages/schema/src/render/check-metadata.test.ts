import { expect, it } from "vitest";

import { checkMetadata } from "./check-metadata.ts";

it("checkMetadata() takes groups for their own names, not for those of JavaScript", () => {
  const object = { apiVersion: "constructor/v1", kind: "Any", metadata: { name: "a/b" } };
  expect(checkMetadata(JSON.stringify(object))).toEqual([
    expect.objectContaining({ path: ["metadata", "name"] }),
  ]);
});
