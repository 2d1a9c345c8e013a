import { describe, expect, it } from "vitest";

import { hideNeighbours, hideValue, isSecretPath, safePositions } from "./hide-secrets.ts";

describe("secrets in lines of files", () => {
  const at = (lineText: string | undefined) => ({
    file: "bundle.cue",
    line: 1,
    column: 1,
    lineText,
  });

  it.each([
    ['values: password: "hunter2"', 'values: password: "***"    '],
    ['  "apiKey": "hunter2", replicas: 3', '  "apiKey": "***"    , replicas: 3'],
    ["token!: 'hunter2'", 'token!: "***"    '],
    ['secret?: "a \\" quote" // why', 'secret?: "***"        // why'],
    ['key: "x"', 'key: "*"'],
  ])("masks the text in %s and nothing moves", (line, hidden) => {
    expect(hideNeighbours(at(line)).lineText).toBe(hidden);
    expect(hidden.length).toBe(line.length);
  });

  it.each([
    'monkey: "banana"',
    "password!: string",
    "secretName: #Name",
    'namespace: "apps", url: "oci://ghcr.io/org/app"',
  ])("leaves %s as it is", (line) => {
    expect(hideNeighbours(at(line)).lineText).toBe(line);
  });

  it("hides all of a line that has no key", () => {
    expect(hideValue(at('\t"hunter2",')).lineText).toBe("\t***");
    expect(hideValue(at("password: hunter2")).lineText).toBe("password: ***");
    expect(hideValue(at(undefined)).lineText).toBeUndefined();
  });

  it("hides the value of what is said to be secret, whatever its path", () => {
    const lines = (entry: { path: string; secret?: true }) =>
      safePositions(entry, [at("mail: 1234")]).map(({ lineText }) => lineText);
    expect(lines({ path: "a.mail", secret: true })).toEqual(["mail: ***"]);
    expect(lines({ path: "a.mail" })).toEqual(["mail: 1234"]);
  });

  it("goes by the last name of a path", () => {
    expect(isSecretPath("values.db.password")).toBe(true);
    expect(isSecretPath("values.replicas")).toBe(false);
    expect(isSecretPath(undefined)).toBe(false);
  });
});
