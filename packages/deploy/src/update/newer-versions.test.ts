import { describe, expect, it } from "vitest";

import { askFor, newerVersions } from "./newer-versions.ts";

const versions = ["3.0.0-rc.1", "2.1.0", "2.0.0", "1.4.0-rc.1", "1.3.1", "1.2.0", "0.3.4", "0.3.1"];

describe("newerVersions()", () => {
  it.each([
    ["1.2.0", "1.2.0", "1.3.1", "2.1.0"],
    ["^1.2", "1.2.0", "1.3.1", "2.1.0"],
    ["~1.2.0", "1.2.0", "1.2.0", "2.1.0"],
    ["latest", "1.3.1", "2.1.0", "2.1.0"],
    ["0.3.1", "0.3.1", "0.3.4", "2.1.0"],
    ["2.1.0", "2.1.0", "2.1.0", "2.1.0"],
    // What is in use is never left for something older.
    ["2.2.0-rc.1", "2.2.0-rc.1", "2.2.0-rc.1", "2.2.0-rc.1"],
    ["4.0.0", "4.0.0", "4.0.0", "4.0.0"],
    [">=1 <2", "1.3.1", "1.3.1", "2.1.0"],
  ])("of %s at %s are %s and %s", (asked, current, wanted, latest) => {
    expect(newerVersions({ asked, current }, versions)).toEqual({ wanted, latest });
  });

  it("have pre-releases where they are asked for", () => {
    const found = newerVersions({ asked: "1.2.0", current: "1.2.0" }, versions, { pre: true });
    expect(found).toEqual({ wanted: "1.4.0-rc.1", latest: "3.0.0-rc.1" });
  });

  it("are the one in use where there are none", () => {
    const found = newerVersions({ asked: "latest", current: "latest" }, []);
    expect(found).toEqual({ wanted: "latest", latest: "latest" });
  });
});

describe("askFor()", () => {
  it.each([
    ["1.2.0", "2.1.0", "2.1.0"],
    ["^1.2", "1.3.1", "^1.2"],
    ["^1.2", "2.1.0", "^2.1"],
    ["^1", "2.1.0", "^2"],
    ["~1.2.0", "2.1.0", "~2.1.0"],
    ["^1.2", "3.0.0-rc.1", "^3.0.0-rc.1"],
    ["latest", "2.1.0", "latest"],
    [">=1 <2", "2.1.0", undefined],
    ["^1 || ^2", "3.0.0", undefined],
  ])("makes of %s for %s: %s", (asked, version, text) => {
    expect(askFor(asked, version)).toBe(text);
  });
});
