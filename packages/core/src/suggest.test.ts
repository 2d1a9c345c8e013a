import { expect, it } from "vitest";

import { suggest } from "./suggest.ts";

it("suggest() finds the closest word and nothing far away", () => {
  expect(suggest("replcias", ["replicas", "image"])).toBe("replicas");
  expect(suggest("imagee", ["replicas", "image"])).toBe("image");
  expect(suggest("zzz", ["replicas", "image"])).toBeUndefined();
});
