// In Timoni a later values file with a longer list fails with "incompatible list lengths". In Tenon the
// list of the last file is the list, longer or shorter.
import { describe, expect, it } from "vitest";

import { fixture } from "../support/repo.ts";
import { tempDir } from "../support/temp-dir.ts";
import { tenon } from "../support/tenon.ts";

describe("defect 23", () => {
  it.each([
    ["longer", ["a"], ["b", "c", "d"]],
    ["shorter", ["a", "b", "c"], ["d"]],
    ["empty", ["a"], []],
  ])("a %s list of a later file takes the place of the earlier one", async (_, first, last) => {
    await using dir = await tempDir();
    await dir.write({ "first.cue": valuesOf(first), "last.cue": valuesOf(last) });
    const files = ["-f", "first.cue", "-f", "last.cue"];
    const args = ["build", "app", fixture("objects"), "-n", "x", ...files, "-o", "json"];
    const { items } = JSON.parse(await tenon(args, { cwd: dir.path })) as {
      items: { metadata: { name: string } }[];
    };
    expect(items.map(({ metadata }) => metadata.name).toSorted()).toEqual(
      ["app", ...last].toSorted(),
    );
  });
});

function valuesOf(names: readonly string[]): string {
  const objects = names.map((name) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "x" },
  }));
  return `values: objects: ${JSON.stringify(objects)}\n`;
}
