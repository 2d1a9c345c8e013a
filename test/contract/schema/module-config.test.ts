import { createEngine, type Engine } from "@tenon/cue-wasm";
import { type ConfigField, moduleConfig } from "@tenon/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

describe.each(["native", "wasm"] as const)("moduleConfig() on the %s engine", (kind) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ kind });
  });
  afterAll(() => engine.close());

  async function fieldsOf(
    schema: string,
    files: Record<string, string> = {},
  ): Promise<ConfigField[]> {
    return moduleConfig(engine, { module: moduleOf(schema, files) });
  }

  it.each([
    // What is declared; the type and the default that are shown.
    ["a: int", "int"],
    ["a: *1 | int", "int", "1"],
    ["a: int | *1", "int", "1"],
    ["a: *512 | int & >=64", "int & >=64", "512"],
    ["a: *1 | int & >=64", "1 | int & >=64", "1"],
    ['a: *"soft" | "hard" | "none"', '"soft" | "hard" | "none"', '"soft"'],
    ['a: (*"a" | "b") & string', '"a" | "b"', '"a"'],
    ['a: *"x" | =~"a | b"', '"x" | =~"a | b"', '"x"'],
    ["a: 1 | 2 | 3", "1 | 2 | 3"],
    ["a: null | string", "null | string"],
    ["a: *null | int", "null | int", "null"],
    ["a: uint16", "uint16"],
    ["a: float & >0 | *1.5", "float & >0", "1.5"],
    ["a: _", "_"],
    ["a: 5", "5", "5"],
    ["a: [...string]", "[...string]", "[]"],
    ["a: *[1, 2] | [...int]", "[...int]", "[1, 2]"],
    ["a: [string, int]", "[string, int]"],
    ["a: {[string]: int}", "{[string]: int}"],
    ["a: [string]: {\n// Inner.\nb: int\n}", "{[string]: {b: int}}"],
    ["a: [...{\nb!: int\nc?: [...{d: 1}]\n}]", "[...{b!: int, c?: [...{d: 1}]}]", "[]"],
    ['a: *{x: 1, y: z: "w"} | {...}', "{...}", '{x: 1, y: {z: "w"}}'],
    ['a: *"""\n\tone\n\ttwo | three\n\t""" | string', "string", '"one\\ntwo | three"'],
    ["a: *'''\n\tone\n\ttwo\n\t''' | bytes", "bytes", "'one\\ntwo'"],
    ["a: *{x: 1} | {[string]: int}", "{[string]: int}", "{x: 1}"],
    ["a: *{x: 1} | #Tree", "#Tree", "{x: 1}"],
    ["a: {x: 1} | {y: 2}", "{...}"],
    ["a: {#Tree, b: int}", "#Tree"],
    ["a: #Tree & {left: name: string}", "#Tree"],
    ["a: [1, 2]", "[1, 2]", "[1, 2]"],
    ["a: [1, 2] & [...int]", "[...int]", "[1, 2]"],
    ["a: int | {...}", "int | {...}"],
    ["a: *false | true", "bool", "false"],
    ["a: *1 | int & >=len(other)", "int", "1"],
    ["a: strings.MaxRunes(5)", "strings.MaxRunes(5)"],
    ["a: time.Duration", "time.Duration"],
    ["a: matchN(1, [int, string])", "matchN(1, [int, string])"],
    ['a: !="x" & !="y"', '!="x" & !="y"'],
    ["a: #Local", "#Local"],
    ["a: *80 | lib.#Port", "lib.#Port", "80"],
    ["a: lib.#Level", '"info" | "debug"', '"info"'],
    ['a: lib.#Level & ("info" | "warn" | "debug")', '"info" | "debug"', '"info"'],
    ['a: lib.#Level & ("info" | "warn")', '("info" | "debug") & ("info" | "warn")', '"info"'],
    ["a: lib.#Name & string", "lib.#Name"],
    // What is computed of other fields is not known here.
    ['a: "\\(other)-x"', "string"],
    ["a: other", "string"],
    ['a: *[if other == "x" {1}, 2][0] | int', "int", '[if other == "x" {1}, 2][0]'],
    ["a: *(1 + 2) | int", "int", "3"],
  ])("%s", async (line, type, initial?: string) => {
    const fields = await fieldsOf(`${line}\nother: string`);
    const field = fields.find(({ path }) => path === "a");
    expect([field?.type, field?.default]).toEqual([type, initial]);
  });

  it("writes types and defaults that are CUE, each on one line", async () => {
    const fields = await fieldsOf(
      'a: *{\n\t// c\n\tx: """\n\t\t1\n\t\t2\n\t\t"""\n} | {...}\nb: [...{\n\tc: *1 | int // d\n}]\nd: {...}\ne?: {f: int}',
    );
    const texts = fields.flatMap(({ type, default: initial = "_" }) => [type, initial]);
    expect(texts.filter((text) => text.includes("\n"))).toEqual([]);
    const sources = texts.map((text) => ({ name: text, content: Buffer.from(`a: ${text}\n`) }));
    for (const [index, formatted] of (await engine.formatCue(sources)).entries()) {
      expect([texts[index], formatted.ok]).toEqual([texts[index], true]);
    }
  });

  it("shows what values.cue and images.cue add", async () => {
    const fields = await fieldsOf(
      "box: lib.#Box\nteam!: string\nimage: {tag: string, digest!: string}\nfree: {...}",
      {
        "values.cue": 'package main\n\nvalues: {team: "blue", free: seen: 1, box: plain: "x"}\n',
        "images.cue": 'package main\n\nvalues: image: tag: *"1.0" | string\n',
      },
    );
    expect(rows(fields)).toEqual([
      "box: | lib.#Box | ",
      'box: size: | string | "small"',
      "box: depth: | int | 1",
      'box: plain: | string | "x"',
      "box: inner: deep: | int & >=1 | 7",
      "free: seen: | 1 | 1",
      'image: tag: | string | "1.0"',
      "image: digest!: | string | ",
      'team: | string | "blue"',
    ]);
  });

  it("shows what is imported as far as it has a default", async () => {
    const fields = await fieldsOf(
      "box: lib.#Box\nmaybe?: lib.#Box & {\n// Own words.\nwide: string\n}",
    );
    expect(rows(fields)).toEqual([
      "box: | lib.#Box | ",
      'box: size: | string | "small"',
      "box: depth: | int | 1",
      "box: inner: deep: | int & >=1 | 7",
      "maybe?: | lib.#Box | ",
      'maybe?: size: | string | "small"',
      "maybe?: depth: | int | 1",
      "maybe?: wide: | string | ",
      "maybe?: inner: deep: | int & >=1 | 7",
    ]);
    const described = Object.fromEntries(
      fields.map(({ path, description }) => [path, description]),
    );
    expect(described["box.size"]).toBe("Size of the box, e.g. large.");
    expect(described["maybe.wide"]).toBe("Own words.");
  });

  it("reads comments above fields and their markers", async () => {
    const fields = await fieldsOf(`
      // Two
      // lines.
      a: int // and not this one

      // Apart.

      // Near.
      b: int

      // Must be there.
      // +required
      c: string

      // +optional
      // May be there.
      d: string

      // Has a default. +optional
      e: *1 | int

      // Not for readers.
      // +nodoc
      f: {
        // Inside.
        g: int
      }
      // +nodoc is a word here.
      h: int`);
    expect(fields.map(({ key, description }) => `${key} ${description}`)).toEqual([
      "a: Two lines.",
      "b: Near.",
      "c!: Must be there.",
      "d?: May be there.",
      "e: Has a default.",
      "f: g: Inside.",
      "h: +nodoc is a word here.",
    ]);
    expect(fields.filter(({ required }) => required).map(({ path }) => path)).toEqual(["c"]);
    expect(fields.filter(({ optional }) => optional).map(({ path }) => path)).toEqual(["d"]);
  });

  it("leaves out what the build sets, hidden fields, definitions and groups that say nothing", async () => {
    const fields = await fieldsOf(`
      kubeVersion!: string
      moduleVersion!: string
      clusterVersion: {major: *1 | int}
      metadata: {name!: string, namespace!: string, labels: {[string]: string}}
      _hidden: int
      #Definition: int
      group: {a: int}
      // Said.
      said: {a: int}
      "needs-quotes": {"a.b"?: int}`);
    expect(rows(fields)).toEqual([
      "metadata: labels: | {[string]: string} | ",
      "group: a: | int | ",
      "said: | {...} | ",
      "said: a: | int | ",
      '"needs-quotes": "a.b"?: | int | ',
    ]);
    expect(fields.at(-1)?.path).toBe('"needs-quotes"."a.b"');
  });

  it("ends in schemas that hold themselves", async () => {
    const fields = await fieldsOf("tree?: #Tree\nlist: [...#Tree]");
    expect(rows(fields)).toEqual([
      "tree?: | #Tree | ",
      "tree?: name: | string | ",
      "tree?: left?: | #Tree | ",
      "list: | [...#Tree] | []",
    ]);
  });

  it("reports what is wrong with the module", async () => {
    await expect(fieldsOf("a: int & string")).rejects.toMatchObject({
      code: "SCHEMA_BUILD_FAILED",
      diagnostics: expect.arrayContaining([
        expect.objectContaining({
          path: "#Config.a",
          positions: [
            { file: "module/timoni.cue", line: 5, column: 4, lineText: "a: int & string" },
          ],
        }),
      ]),
    });
  });
});

function rows(fields: readonly ConfigField[]): string[] {
  return fields.map(({ key, type, default: initial = "" }) => `${key} | ${type} | ${initial}`);
}

function moduleOf(
  schema: string,
  files: Record<string, string>,
): { root: string; files: Map<string, Uint8Array> } {
  const imports = ["lib.dev/lib", "strings", "time"].filter((name) =>
    new RegExp(`\\b${name.split("/").at(-1)}\\.`).test(schema),
  );
  const all: Record<string, string> = {
    "cue.mod/module.cue": 'module: "example.com/app"\nlanguage: version: "v0.17.0"\n',
    "cue.mod/pkg/lib.dev/lib/lib.cue": library,
    "timoni.cue": `package main\n${imports.map((name) => `import "${name}"\n`).join("")}
values: #Config
#Config: {\n${schema}\n}
#Local: >5
#Tree: {name: string, left?: #Tree}
timoni: {
	apiVersion: "v1alpha1"
	instance: {name: string @tag(name), namespace: string @tag(namespace)}
	apply: all: []
}
`,
    "values.cue": "package main\n\nvalues: {}\n",
    ...files,
  };
  const entries = Object.entries(all).map(([name, text]) => [name, Buffer.from(text)] as const);
  return { root: "module", files: new Map(entries) };
}

const library = `package lib
#Level: *"info" | "debug"
#Port: int & >=1 & <=65535
#Name: =~"^[a-z]+$"
#Box: {
	// Size of the box, e.g. large. It is seen from far.
	size: *"small" | #Name
	depth: *1 | #Port
	wide?: string
	plain: string
	inner: deep: *7 | int & >=1
}
`;
