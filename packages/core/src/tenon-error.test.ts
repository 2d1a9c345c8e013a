import { expect, it } from "vitest";

import { TenonError, hasCode, isTenonError, redactUrls } from "./tenon-error.ts";

it("TenonError strips control characters and keeps its code", () => {
  const error = new TenonError("X_Y", "bad \u001b[31mtext\nnext", { hint: "do\u0007 that" });
  expect(error.message).toBe("bad [31mtext\nnext");
  expect(error.hint).toBe("do that");
  expect(isTenonError(error)).toBe(true);
  expect(hasCode(error, "A", "X_Y")).toBe(true);
  expect(isTenonError(new Error("x"))).toBe(false);
});

it("redactUrls() hides credentials and query values", () => {
  expect(redactUrls("GET https://me:pw@host/a?token=abc failed")).toBe(
    "GET https://***@host/a?*** failed",
  );
});
