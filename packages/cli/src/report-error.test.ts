import { TenonError } from "@tenon/core";
import { describe, expect, it } from "vitest";

import { fakeIo } from "./fake-io.ts";
import { Interrupted } from "./io.ts";
import { reportError } from "./report-error.ts";

const plain = { format: "text", noColor: false, secrets: [], done: [] } as const;

function report(
  thrown: unknown,
  options: Partial<Parameters<typeof reportError>[2]> = {},
  signal?: AbortSignal,
): readonly [number, string] {
  const { io, stderr } = fakeIo(signal === undefined ? {} : { signal });
  return [reportError(thrown, io, { ...plain, ...options }), stderr.join("")];
}

describe("reportError()", () => {
  it("shows each place with its line and a caret", () => {
    const error = new TenonError("SCHEMA_BUILD_FAILED", "Cannot build instance app", {
      hint: "Fix the values",
      diagnostics: [
        {
          text: "conflicting values 1 and string",
          path: "values.name",
          positions: [
            { file: "values.cue", line: 3, column: 9, lineText: "\tnäme: 1" },
            { file: "schema.cue", line: 12, column: 2, lineText: "\tname: string" },
          ],
          notes: ["did you mean title?"],
        },
        { text: "incomplete value", path: "values.x", positions: [] },
      ],
    });
    const [code, text] = report(error);
    expect(code).toBe(2);
    expect(text).toMatchInlineSnapshot(`
      "error: Cannot build instance app [SCHEMA_BUILD_FAILED]
      values.cue:3:9: conflicting values 1 and string (values.name)
          3 | 	näme: 1
            | 	      ^
        see schema.cue:12:2
        did you mean title?
      incomplete value (values.x)
      hint: Fix the values
      "
    `);
  });

  it("shows the same place and text once, and not more than ten", () => {
    const diagnostics = Array.from({ length: 30 }, (_, index) => ({
      text: "wrong",
      path: `values.x${index}`,
      positions: [{ file: "a.cue", line: Math.floor(index / 2) + 1, column: 1 }],
    }));
    const [, text] = report(new TenonError("SCHEMA_BUILD_FAILED", "Cannot build", { diagnostics }));
    expect(text.match(/a\.cue:\d+:1: wrong/g)).toHaveLength(10);
    expect(text).toContain("and 5 more");
  });

  it("prints JSON", () => {
    const error = new TenonError("KUBE_CONFLICT", "Cannot apply", { details: { field: "spec" } });
    const [code, text] = report(error, { format: "json", done: ["Service/a created"] });
    expect(code).toBe(1);
    expect(JSON.parse(text)).toEqual({
      error: {
        code: "KUBE_CONFLICT",
        message: "Cannot apply",
        diagnostics: [],
        details: { field: "spec" },
        done: ["Service/a created"],
      },
    });
  });

  it("shows the stack of an unknown error", () => {
    const [code, text] = report(new TypeError("x is not a function"));
    expect(code).toBe(1);
    expect(text).toContain("error: Unexpected failure: x is not a function");
    expect(text).toContain("report-error.test.ts");
  });

  it("hides secrets of the command line and of URLs", () => {
    const error = new Error("401 for ann:p4ssword at https://ann:other@host/x?token=abc");
    const [, text] = report(error, { secrets: ["ann:p4ssword"] });
    expect(text).not.toMatch(/p4ssword|other|abc/);
  });

  it("says what was done before an interruption", () => {
    const controller = new AbortController();
    controller.abort(new Interrupted());
    const [code, text] = report(
      controller.signal.reason,
      { done: ["Service/a created"] },
      controller.signal,
    );
    expect(code).toBe(130);
    expect(text).toBe(
      "interrupted\ndone: Service/a created\nhint: Run the same command again to go on\n",
    );
  });
});
