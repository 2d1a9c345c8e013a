import { createEngine, cueSource, type Engine } from "@tenon/cue-wasm";
import { moduleSchema, renderInstance, valueSource, type ModuleFiles } from "@tenon/schema";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { SchemaNode } from "../../support/random-values.ts";

interface Case {
  /** Fields of `#Config`, with `#…` lines as further definitions of its package. */
  readonly config: string;
  /** The `values` of values.cue. */
  readonly given?: string;
  /** The schema of the values, or a part of it. */
  readonly schema?: SchemaNode;
  readonly accepted?: readonly unknown[];
  readonly refused?: readonly unknown[];
  /** Refused by the engine alone. */
  readonly wider?: readonly unknown[];
}

const cases: Readonly<Record<string, Case>> = {
  "types, bounds, choices, defaults and comments": {
    config: `
      // Number of pods.
      replicas: *2 | int & >=0 & <10
      // Level of the log,
      // as text.
      level: *"info" | "debug"
      ratio: *0.5 | number & >0
      debug: *false | bool
      kind: "web"
      port: *80 | int & >=1 & <=65535 | "http"`,
    schema: {
      type: "object",
      properties: {
        replicas: {
          description: "Number of pods.",
          type: "integer",
          default: 2,
          minimum: 0,
          exclusiveMaximum: 10,
        },
        level: {
          description: "Level of the log,\nas text.",
          enum: ["info", "debug"],
          default: "info",
        },
        ratio: { type: "number", default: 0.5, exclusiveMinimum: 0 },
        debug: { type: "boolean", default: false },
        kind: { const: "web" },
        port: {
          default: 80,
          anyOf: [{ enum: ["http"] }, { type: "integer", minimum: 1, maximum: 65535 }],
        },
      },
      additionalProperties: false,
    } as SchemaNode,
    accepted: [{}, { replicas: 0, level: "debug", ratio: 1, kind: "web" }, { port: "http" }],
    refused: [
      { replicas: 10 },
      { replicas: 1.5 },
      { level: "x" },
      { ratio: 0 },
      { kind: "api" },
      { port: 0 },
      { size: 1 },
      { debug: null },
    ],
  },
  "texts by pattern and length": {
    config: `
      name:  *"a" | =~"^[a-z]+$" & !~"^x" & strings.MaxRunes(3)
      title: *"ab" | strings.MinRunes(2) & !="no"
      lines: *"" | =~"(?m)^a$"`,
    schema: {
      type: "object",
      properties: {
        name: {
          type: "string",
          default: "a",
          pattern: "^[a-z]+$",
          maxLength: 3,
          not: { pattern: "^x" },
        },
        title: { type: "string", default: "ab", minLength: 2, not: { const: "no" } },
        lines: {
          default: "",
          anyOf: [{ enum: [""] }, { $comment: 'also checked: =~"(?m)^a$"', type: "string" }],
        },
      },
      additionalProperties: false,
    } as SchemaNode,
    accepted: [{ name: "abc", title: "é\u{1f600}", lines: "b\na" }],
    refused: [
      { name: "abcd" },
      { name: "xa" },
      { name: "A" },
      { title: "\u{1f600}" },
      { title: "no" },
    ],
    wider: [{ lines: "b" }],
  },
  lists: {
    config: `
      hosts: [...=~"^[a-z.]+$"]
      some: *["a"] | ([...string] & list.MinItems(1) & list.MaxItems(2))
      few?: [...int] & list.MinItems(1) & list.UniqueItems()
      pair?: [int, string]
      rest?: [int, ...string]`,
    accepted: [
      { hosts: [], some: ["x", "y"], few: [1, 2], pair: [1, "a"], rest: [1] },
      { hosts: ["a.b"], rest: [1, "a", "b"] },
    ],
    refused: [
      { hosts: ["A"] },
      { few: [] },
      { few: [1, 1] },
      { few: ["a"] },
      { pair: [1] },
      { pair: [1, "a", 2] },
      { rest: [] },
      { rest: [1, 2] },
      { some: [1] },
    ],
  },
  "fields by pattern": {
    config: `
      env: {[=~"^[A-Z]+$"]: string}
      labels: {[=~"^[a-z]+$" & strings.MaxRunes(3)]: string, app: *"x" | string}
      any: {[string]: int}
      open: {size?: int, ...}`,
    schema: {
      type: "object",
      properties: {
        env: {
          type: "object",
          patternProperties: { "^[A-Z]+$": { type: "string" } },
          additionalProperties: false,
        },
        labels: {
          type: "object",
          properties: { app: { type: "string", default: "x" } },
          additionalProperties: { type: "string" },
          propertyNames: { anyOf: [{ enum: ["app"] }, { pattern: "^[a-z]+$", maxLength: 3 }] },
        },
        any: { type: "object", additionalProperties: { type: "integer" } },
        open: { type: "object", properties: { size: { type: "integer" } } },
      },
      additionalProperties: false,
    } as SchemaNode,
    accepted: [{ env: { A: "1" }, labels: { abc: "" }, any: { "x y": 1 }, open: { more: [1] } }],
    refused: [
      { env: { a: "1" } },
      { env: { A: 1 } },
      { labels: { abcd: "" } },
      { labels: { a: 1 } },
      { any: { x: "" } },
      { open: { size: "" } },
    ],
  },
  "structs under patterns are closed as the others": {
    config: `
      parts: {[=~"^[a-z]+$"]: {size?: int, sub: {deep?: int}, more: {...}}}
      mixed: {[=~"^[a-z]+$"]: {size?: int}, own: {...}}
      named: [Name=string]: {name: *Name | string, count: *1 | int}
      trees: [string]: #Node
      free: {[string]: {size?: int, ...}}
      #Node: {size?: int, nodes?: [string]: #Node}`,
    accepted: [
      { parts: { a: { size: 1, sub: { deep: 1 }, more: { any: 1 } } }, mixed: { own: { any: 1 } } },
      { named: { x: { name: "y" } }, trees: { t: { nodes: { u: { nodes: { v: {} } } } } } },
      { free: { a: { any: 1 } } },
    ],
    refused: [
      { parts: { a: { other: 1 } } },
      { parts: { a: { sub: { other: 1 } } } },
      { named: { x: { other: 1 } } },
      { trees: { t: { nodes: { u: { other: 1 } } } } },
      { free: { a: { size: "" } } },
    ],
  },
  "what has to be given": {
    config: `
      host!: string
      user: string
      there!: string
      nested: {token!: string}
      proxy?: {url!: string, port: int}
      volumes: [string]: {path!: string}
      sidecars: [...{image!: string}]`,
    given: `{there: "yes", volumes: data: path: "/data", sidecars: [{image: "a"}]}`,
    schema: { required: ["host", "user", "nested"] } as SchemaNode,
    accepted: [
      { host: "a", user: "b", nested: { token: "c" } },
      // Lists and structs are merged with those of values.cue.
      { host: "a", user: "b", nested: { token: "c" }, volumes: { data: {} }, sidecars: [{}] },
    ],
    refused: [
      {},
      { host: "a", user: "b" },
      { host: "a", user: "b", nested: {} },
      { host: "a", nested: { token: "c" } },
      { host: "a", user: "b", nested: { token: "c" }, proxy: { url: "d" } },
    ],
    wider: [
      { host: "a", user: "b", nested: { token: "c" }, volumes: { other: {} } },
      { host: "a", user: "b", nested: { token: "c" }, sidecars: [{ image: "b" }, {}] },
    ],
  },
  "null where the module takes it": {
    config: `
      a?: null | string
      b?: _
      c?: string
      d?: {...} | null`,
    given: `{a: "x", d: {x: 1}}`,
    accepted: [{ a: null, b: null, d: null }],
    refused: [{ c: null }],
  },
  "choices among structs": {
    config: `
      storage: *{kind: "none"} | {kind: "disk", size!: int} | {kind: "s3", bucket!: string}
      port?: int | {number: int, ...}`,
    accepted: [
      { storage: { kind: "disk", size: 1 } },
      { storage: { kind: "none" } },
      { port: { number: 1, more: 2 } },
      { port: 1 },
    ],
    refused: [
      { storage: { kind: "tape" } },
      { storage: { kind: "s3", size: 1 } },
      { storage: { kind: "disk", size: "1" } },
      { port: "a" },
    ],
    wider: [{ storage: { kind: "disk" } }],
  },
  "what depends on other values is left open": {
    config: `
      mode: *"a" | "b"
      if mode == "b" {
        extra: int
        nested: more: {deep: int}
      }
      nested: {size: *1 | int}
      a: *1 | int
      b: a + 1
      least: *1 | int
      most: *5 | int & >=least
      name: *"\\(mode)-x" | string
      same: mode
      count: *len(list) | int
      list: [...string]
      first: *[if mode == "a" {"x"}, 1][0] | bool
      for key in list {
        (key): true
      }`,
    accepted: [
      { mode: "b", extra: 3, nested: { more: { deep: 1 } } },
      { a: 4, b: 5 },
      { a: 4 },
      { least: 0, most: 0 },
      { name: "own", count: 7, first: true },
      { mode: "b", extra: 1, nested: { more: { deep: 1 } }, first: 1, same: "b" },
      { list: ["free"], free: true },
    ],
    refused: [{ mode: "c" }, { most: "x" }, { nested: { size: "x" } }, { list: [1] }],
    wider: [
      { a: 4, b: 6 },
      { least: 3, most: 2 },
      { extra: 3 },
      { mode: "a", same: "b" },
      { unknown: true },
    ],
  },
  "structs in which no field is always there": {
    config: `
      auth: {
        password?: string
        secret?: string
        if password != _|_ if secret != _|_ {
          #once: error("not both")
        }
      }
      on: *true | bool
      vague: {[string]: int, if on {extra: int}}
      sure: {name: *"a" | string, if on {extra: int}}
      free?: _
      if on {
        free: size: int
      }`,
    schema: {
      properties: {
        auth: {
          $comment:
            "further constraints depend on other values; not only objects: no field is always there",
          properties: { password: { type: "string" } },
          additionalProperties: false,
        },
        sure: { type: "object" },
      },
    } as SchemaNode,
    accepted: [
      { auth: { password: "a" }, vague: { a: 1, extra: 1 }, sure: { extra: 1 }, free: { size: 1 } },
      { auth: "1", vague: { extra: 1 }, sure: { extra: 1 }, free: { size: 1 } },
      { on: false, vague: "1", free: 1 },
    ],
    refused: [{ auth: { user: "a" } }, { sure: "1" }],
    wider: [{ auth: [1] }, { auth: { password: "a", secret: "b" } }, { vague: "1" }, { free: 1 }],
  },
  "checks without a value of their own": {
    config: `
      low: *1 | int
      high: *2 | int
      if low > high {
        #ordered: error("low is above high")
      }`,
    schema: { $comment: "further constraints depend on other values" },
    accepted: [{ low: 2 }],
    refused: [{ low: "1" }, { middle: 1 }],
    wider: [{ low: 3 }],
  },
  "a struct inside itself": {
    config: `
      tree?: #Node
      #Node: {name!: string, children?: [...#Node]}`,
    accepted: [{ tree: nested(3) }, { tree: nested(30) }],
    refused: [{ tree: {} }, { tree: nested(2, { children: [{ size: 1 }] }) }],
    wider: [{ tree: nested(30, {}) }],
  },
  "definitions that are combined": {
    config: `
      both: #Open & #Closed
      embedded: {#Closed, c: *1 | int}
      drop: #Drop & [...string]
      #Open: {a?: int, ...}
      #Closed: {a?: int, b?: string}
      #Drop: *["ALL"] | [...string]`,
    accepted: [
      { both: { a: 1, b: "" }, embedded: { b: "", c: 2 }, drop: ["x", "y"] },
      { drop: [] },
    ],
    refused: [{ both: { c: 1 } }, { embedded: { d: 1 } }, { drop: [1] }, { both: { a: "" } }],
  },
  "large numbers": {
    config: `
      big: *1 | int64
      huge: *1 | <18446744073709551616
      exact: *1 | 9007199254740993`,
    accepted: [{ huge: 9007199254740992 }, { big: 9007199254740992 }],
    refused: [{ big: 1.5 }, { big: 1e30 }, { huge: 1e20 }, { exact: "1" }],
    wider: [{ exact: 2 }],
  },
  "aliases, lets and names of fields": {
    config: `
      let prefix = "\\(zone)-"
      zone: *"eu" | string
      full: *"\\(prefix)x" | string
      X=size: *1 | int
      double: *(X * 2) | int
      items: [Name=string]: {name: *Name | string, kind: *"k" | "l"}`,
    accepted: [
      { zone: "us", full: "any", size: 3, double: 7, items: { a: { name: "b", kind: "l" } } },
    ],
    refused: [{ items: { a: { kind: "m" } } }, { zone: 1 }, { full: 1 }],
  },
};

function nested(depth: number, end: object = { name: "leaf" }): object {
  return depth === 0 ? end : { name: "x", children: [nested(depth - 1, end)] };
}

describe("moduleSchema()", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine();
  });
  afterAll(() => engine?.close());

  for (const [name, entry] of Object.entries(cases)) {
    it(name, async () => {
      const module = moduleOf(entry);
      const schema = JSON.parse(await moduleSchema(engine, { module })) as SchemaNode;
      expect(schema.properties?.["values"]).toMatchObject(entry.schema ?? {});
      const accepts = new Ajv2020({ strict: false }).compile(schema);
      const judge = async (values: unknown) => ({
        values,
        schema: accepts({ values }),
        engine: await builds(engine, module, values),
      });
      for (const values of entry.accepted ?? [])
        expect(await judge(values)).toEqual({ values, schema: true, engine: true });
      for (const values of entry.refused ?? [])
        expect(await judge(values)).toEqual({ values, schema: false, engine: false });
      for (const values of entry.wider ?? [])
        expect(await judge(values)).toEqual({ values, schema: true, engine: false });
    });
  }

  it("describes the file: values are needed, other fields are not looked at", async () => {
    const schema = JSON.parse(
      await moduleSchema(engine, { module: moduleOf({ config: "a?: int" }) }),
    );
    const accepts = new Ajv2020({ strict: false }).compile(schema as object);
    expect(schema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "Values of example.com/app",
      required: ["values"],
    });
    expect(accepts({ values: { a: 1 }, $schema: "values.schema.json" })).toBe(true);
    expect(accepts({ a: 1 })).toBe(false);
    expect(accepts({ values: null })).toBe(false);
  });

  it("patterns match the same texts in ECMAScript", async () => {
    const patterns = [
      "^[^/]{1,3}/?$",
      "a.c",
      "(?s)a.c",
      "(?i)straße|k",
      "^\\d+\\.\\w*\\s?$",
      "\\bfoo\\b",
      "^(a|b)*?c{2,}$",
      "[[:alpha:]-]+$",
      "^\\pL+$",
      "^[^\\x00-\\x1f]*$",
      "^\\Qa.b\\E$",
      "^$",
      "a|",
      "^[\\]^-]$",
      "^(?:ab){2}$",
      "\\x{1F600}",
      "^\\$\\{[a-z]+\\}$",
    ];
    const texts = [
      "",
      "a",
      "abc",
      "a\nc",
      "a\u2028c",
      "STRASSE",
      "straße",
      "STRAẞE",
      "\u212a",
      "1.x ",
      "12.",
      "a foo b",
      "afoo",
      "ababcc",
      "ac",
      "é",
      "x-y",
      "abab",
      "a.b",
      "axb",
      "]",
      "^",
      "-",
      "\u{1f600}",
      "\u0001",
      "${name}",
      "ab/",
      "/ab",
    ];
    const module = moduleOf({
      config: patterns.map((text, index) => `p${index}?: =~${JSON.stringify(text)}`).join("\n"),
    });
    const schema = JSON.parse(await moduleSchema(engine, { module })) as SchemaNode;
    const pairs = patterns.flatMap((pattern) =>
      texts.map((text) => `${JSON.stringify(text)} =~ ${JSON.stringify(pattern)}`),
    );
    const result = await engine.evaluate({
      source: cueSource(new Map([["a.cue", Buffer.from(`package a\nout: [${pairs.join(", ")}]`)]])),
      package: "a",
      outputs: [{ path: "out", encoding: "json" }],
    });
    const expected = JSON.parse(result.ok ? result.outputs.get("out")!.text! : "[]") as boolean[];
    const translated = patterns.flatMap((_, index) => {
      const { pattern } = schema.properties!["values"]!.properties![`p${index}`]!;
      return texts.map((text) => new RegExp(pattern!, "u").test(text));
    });
    expect(translated).toEqual(expected);
  });
});

/** A module of which one object is rendered. */
function moduleOf({ config, given = "{}" }: Pick<Case, "config" | "given">): ModuleFiles {
  const lines = config.split("\n");
  const definitions = lines.filter((line) => /^\s*#[A-Z]\w*:/.test(line)).join("\n");
  const fields = lines.filter((line) => !/^\s*#[A-Z]\w*:/.test(line)).join("\n");
  const imports = ["strings", "list"].filter(
    (name) => config.includes(`${name}.M`) || config.includes(`${name}.U`),
  );
  const files = {
    "cue.mod/module.cue": 'module: "example.com/app"\nlanguage: version: "v0.17.0"\n',
    "timoni.cue": `package main
values: #Config
timoni: {
	apiVersion: "v1alpha1"
	instance: config: values & {metadata: {name: string @tag(name), namespace: string @tag(namespace)}}
	apply: app: [{apiVersion: "v1", kind: "ConfigMap", metadata: instance.config.metadata}]
}
`,
    "values.cue": `package main\nvalues: ${given}\n`,
    "config.cue": `package main
${imports.map((name) => `import ${JSON.stringify(name)}`).join("\n")}
${definitions}
#Config: {
	metadata: {name!: string, namespace!: string}
${fields}
}
`,
  };
  return {
    root: "app",
    files: new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

async function builds(engine: Engine, module: ModuleFiles, values: unknown): Promise<boolean> {
  const file = valueSource("values.json", Buffer.from(JSON.stringify({ values })));
  const request = { module, name: "app", namespace: "apps", values: [file] };
  return renderInstance(engine, request).then(
    () => true,
    () => false,
  );
}
