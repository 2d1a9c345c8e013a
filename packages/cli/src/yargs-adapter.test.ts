import { describe, expect, it } from "vitest";

import { defineCommand } from "./define-command.ts";
import { parseCommandLine } from "./yargs-adapter.ts";

const command = defineCommand({
  name: "sample",
  summary: "",
  description: "",
  args: [
    { name: "first", summary: "", required: true },
    { name: "second", summary: "", default: "." },
  ],
  flags: {
    values: { type: "strings", short: "f", split: true, summary: "" },
    annotation: { type: "strings", short: "a", summary: "" },
    limit: { type: "integer", default: 100, summary: "" },
    wait: { type: "boolean", default: true, summary: "" },
    latest: { type: "boolean", undecided: true, summary: "" },
    token: { type: "string", secret: true, summary: "" },
  },
  output: ["text", "json"],
  examples: [],
  run: () => Promise.resolve({}),
});

describe("parseCommandLine()", () => {
  it("gives defaults", async () => {
    const { input, globals } = await parseCommandLine(command, ["1.0"]);
    expect(input).toEqual({
      args: { first: "1.0", second: "." },
      flags: {
        values: [],
        annotation: [],
        limit: 100,
        wait: true,
        latest: undefined,
        token: undefined,
        output: "text",
      },
    });
    expect(globals).toMatchObject({ timeout: 300_000, quiet: false, "kube-as-group": [] });
  });

  it("keeps texts as they are written", async () => {
    const argv = ["007", "1e3", "--token", "0123", "-a", "k=v=w,x", "-a", "1", "-n", "42"];
    const { input, globals, secrets } = await parseCommandLine(command, argv);
    expect(input.args).toEqual({ first: "007", second: "1e3" });
    expect(input.flags).toMatchObject({ token: "0123", annotation: ["k=v=w,x", "1"] });
    expect(globals.namespace).toBe("42");
    expect(secrets).toEqual(["0123"]);
  });

  it("splits values at commas and takes flags in any place", async () => {
    const argv = ["-f", "a,b", "x", "-f", "c", "--timeout=1m30s", "y", "--limit=0", "--wait=false"];
    const { input, globals } = await parseCommandLine(command, argv);
    expect(input.args).toEqual({ first: "x", second: "y" });
    expect(input.flags).toMatchObject({ values: ["a", "b", "c"], limit: 0, wait: false });
    expect(globals.timeout).toBe(90_000);
  });

  it("takes the last of repeated flags, and empty texts", async () => {
    const { input } = await parseCommandLine(command, ["x", "--token=a", "--token="]);
    expect(input.flags["token"]).toBe("");
  });

  it("takes words after -- as arguments", async () => {
    const { input } = await parseCommandLine(command, ["--", "-x", "--wait"]);
    expect(input.args).toEqual({ first: "-x", second: "--wait" });
  });
});
