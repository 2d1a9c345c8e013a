// Timoni composes a message that names the set that has become ready, and then prints a constant in
// its place, or an empty line. Tenon names each set.
import { describe, expect, it } from "vitest";

import { fixture } from "../support/repo.ts";
import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 11${tools.reason}`, () => {
  it("each set is named when it is ready, and no line is empty", async () => {
    const { stderr } = await new App().run("apply", "app", fixture("small"));
    const lines = stderr.trimEnd().split("\n");
    expect(lines.filter((line) => line.includes("are ready"))).toEqual([
      "resources of config are ready",
      "resources of app are ready",
    ]);
    expect(lines.filter((line) => line.trim() === "")).toEqual([]);
  });
});
