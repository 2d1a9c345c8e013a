import { describe, expect, it } from "vitest";

import { runFake } from "../fake-io.ts";

async function answer(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runFake(["__complete", ...words]);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout.trimEnd().split("\n");
}

describe("tenon __complete", () => {
  it("offers commands with their summaries", async () => {
    expect(await answer("reg")).toEqual([
      "registry\tSign in to registries, see how they answer, or run one",
      ":none",
    ]);
    expect(await answer("mod", "vendor", "")).toEqual([
      "core\tAdd the authoring library to a module",
      "crd\tAdd the schemas of custom resources to a module",
      "k8s\tAdd the schemas of the Kubernetes API to a module",
      ":none",
    ]);
  });

  it("offers flags, their choices and files", async () => {
    expect(await answer("mod", "list", "--wi")).toEqual([
      "--with-digest\tAsk for the digest of each version",
      ":none",
    ]);
    expect(await answer("build", "app", ".", "-o", "")).toEqual(["yaml", "json", ":none"]);
    expect(await answer("build", "app", ".", "--output=j")).toEqual(["--output=json", ":none"]);
    expect(await answer("build", "app", ".", "--output", "=")).toEqual(["yaml", "json", ":none"]);
    expect(await answer("build", "app", ".", "--output", "=", "j")).toEqual(["json", ":none"]);
    expect(await answer("build", "app", ".", "-f", "")).toEqual([":files"]);
    expect(await answer("build", "-n", "apps", "app", "")).toEqual([":directories"]);
    expect(await answer("fmt", "a.cue", "b.cue", "")).toEqual([":files"]);
    expect(await answer("completion", "b")).toEqual(["bash", ":none"]);
  });

  it("offers nothing where it knows nothing", async () => {
    expect(await answer("bogus", "")).toEqual([":none"]);
    expect(await answer("build", "app", ".", "more", "")).toEqual([":none"]);
    expect(await answer("status", "--kubeconfig", "/no/such/file", "")).toEqual([":none"]);
  });
});
