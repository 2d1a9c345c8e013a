import { createEngine, cueSource, type CrdResult, type Engine } from "@tenon/cue-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let engines: { wasm: Engine; native: Engine };

beforeAll(async () => {
  engines = {
    wasm: await createEngine({ kind: "wasm" }),
    native: await createEngine({ kind: "native" }),
  };
});
afterAll(() => {
  engines.wasm.close();
  engines.native.close();
});

/** Properties of a spec, and the fields that they become. */
const fields: Readonly<Record<string, readonly [schema: string, cue: string]>> = {
  types: [
    "{b: {type: boolean}, i: {type: integer}, n: {type: number}, s: {type: string}}",
    "b?: bool\ni?: int\nn?: number\ns?: string",
  ],
  "fields in alphabetical order": [
    "{z: {type: string}, a: {type: string}}",
    "a?: string\nz?: string",
  ],
  "integers of a width": [
    "{l: {type: integer, format: int64}, s: {type: integer, format: int32}}",
    "l?: int64\ns?: int32",
  ],
  "bounds of numbers": [
    "{port: {type: integer, minimum: 1, maximum: 65535}}",
    "port?: int & >=1 & <=65535",
  ],
  "bounds that are left out": [
    "{ratio: {type: number, minimum: 0, exclusiveMinimum: true, maximum: 1}}",
    "ratio?: >0 & <=1",
  ],
  "every digit of a number": [
    "{id: {type: integer, maximum: 9223372036854775807, default: 9007199254740993}}",
    "id: *9007199254740993 | int & <=9223372036854775807",
  ],
  "lengths and patterns of texts": [
    "{s: {type: string, minLength: 1, maxLength: 63, pattern: '^[a-z]+\\.x$'}}",
    String.raw`s?: strings.MinRunes(1) & strings.MaxRunes(63) & =~"^[a-z]+\\.x$"`,
  ],
  choices: ["{mode: {type: string, enum: [Full, Partial]}}", `mode?: "Full" | "Partial"`],
  "words that are booleans in YAML 1.1": [
    "{n: {type: string, enum: [y, n, yes, no, on, off]}, y: {type: string, default: on}}",
    `n?: "y" | "n" | "yes" | "no" | "on" | "off"\ny: *"on" | string`,
  ],
  "numbers that are octal in YAML 1.1": [
    "{mode: {type: string, default: '0644'}, sum: {type: integer, default: 0o17}}",
    `mode: *"0644" | string\nsum: *0o17 | int`,
  ],
  "dates and times": ["{at: {type: string, format: date-time}}", "at?: time.Time"],
  "formats that CUE does not know": ["{ttl: {type: string, format: duration}}", "ttl?: string"],
  "a format that is stricter in CUE": ["{at: {type: string, format: uri}}", "at?: string"],
  "integers or texts": [
    "{port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}}",
    "port?: matchN(>=1, [int, string])",
  ],
  "integers or texts without a condition": [
    "{port: {x-kubernetes-int-or-string: true}}",
    "port?: matchN(>=1, [int, string])",
  ],
  "null beside a type": [
    "{s: {type: string, nullable: true}, o: {type: object, nullable: true, properties: {a: {type: string}}}}",
    "o?: null | {\na?: string\n}\ns?: null | string",
  ],
  lists: ["{l: {type: array, items: {type: string}}}", "l?: [...string]"],
  "lengths of lists": [
    "{l: {type: array, items: {type: string}, minItems: 1, maxItems: 3, uniqueItems: true}}",
    "l?: list.MaxItems(3) & list.UniqueItems() & [...string] & [_, ...]",
  ],
  maps: ["{m: {type: object, additionalProperties: {type: string}}}", "m?: [string]: string"],
  "maps of anything": [
    "{m: {type: object, additionalProperties: {x-kubernetes-preserve-unknown-fields: true}}}",
    "m?: [string]: _",
  ],
  "objects without further fields": [
    "{o: {type: object, additionalProperties: false, properties: {a: {type: string}}}}",
    "o?: close({\na?: string\n})",
  ],
  "objects with unknown fields": [
    "{o: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: object, properties: {b: {type: string}}}}}}",
    "o?: {\na?: b?: string\n...\n}",
  ],
  "unknown fields in items and in maps": [
    "{l: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true}}, m: {type: object, additionalProperties: {type: object, x-kubernetes-preserve-unknown-fields: true}}}",
    "l?: [...{\n...\n}]\nm?: [string]: {\n...\n}",
  ],
  "values of any type": ["{any: {x-kubernetes-preserve-unknown-fields: true}}", "any?: _"],
  "resources in resources": [
    "{r: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}}",
    "r?: {\napiVersion!: string\nkind!: string\nmetadata?: {\n...\n}\n...\n}",
  ],
  "fields named status, info and spec": [
    "{status: {type: string}, info: {type: string}, spec: {type: object, properties: {status: {type: string}}}}",
    "info?: string\nspec?: status?: string\nstatus?: string",
  ],
  "fields that are named like packages": [
    "{time: {type: string, format: date-time}, list: {type: array, items: {type: string}, maxItems: 2}}",
    `"list"?: list.MaxItems(2) & [...string]\n"time"?: time.Time`,
  ],
  defaults: [
    "{b: {type: boolean, default: false}, f: {type: number, default: 0.5}, i: {type: integer, default: 3}, s: {type: string, default: a}}",
    `b: *false | bool\nf: *0.5 | number\ni: *3 | int\ns: *"a" | string`,
  ],
  "a default among choices": [
    "{mode: {type: string, enum: [Full, Partial], default: Partial}}",
    `mode: "Full" | *"Partial"`,
  ],
  "a default of an only choice": ["{mode: {type: string, enum: [A], default: A}}", `mode: "A"`],
  "defaults of lists": [
    "{l: {type: array, items: {type: string}, default: [a]}}",
    `l: *["a"] | [...string]`,
  ],
  "defaults inside items, maps and objects": [
    "{l: {type: array, items: {type: object, properties: {c: {type: integer, default: 1}}}}, m: {type: object, additionalProperties: {type: object, properties: {c: {type: integer, default: 2}}}}, o: {type: object, properties: {c: {type: integer, default: 3}}}}",
    "l?: [...{\nc: *1 | int\n}]\nm?: [string]: c: *2 | int\no?: c: *3 | int",
  ],
  "an empty object as default": [
    "{o: {type: object, default: {}, properties: {c: {type: integer, default: 3}}}}",
    "o: c: *3 | int",
  ],
  "an object as default, with the defaults of its fields": [
    "{o: {type: object, default: {a: 1}, properties: {a: {type: integer, default: 5}, b: {type: integer, default: 2}}}}",
    "o: *{\na: 1\nb: 2\n} | {\na: *5 | int\nb: *2 | int\n}",
  ],
  "null as default": [
    "{a: {type: string, nullable: true, default: null}, b: {type: string, default: null}}",
    "a: *null | string\nb?: string",
  ],
  "conditions, whose objects are closed one by one": [
    "{o: {type: object, oneOf: [{required: [a]}, {required: [b]}], not: {required: [c]}, properties: {a: {type: string}, b: {type: object, properties: {d: {type: string, default: x}}}, c: {type: string}}}}",
    `o?: matchN(1, [{\na!: _\n}, {\nb!: _\n}]) & matchN(0, [null | bool | number | string | [...] | {\nc!: _\n}]) & close({\na?: string\nb?: close({\nd: *"x" | string\n})\nc?: string\n})`,
  ],
};

/** The same for conditions, of which there may be one only. */
const conditions: Readonly<Record<string, readonly [schema: string, cue: string]>> = {
  "one condition leaves the object as open as it is": [
    "{o: {type: object, anyOf: [{required: [a]}], properties: {a: {type: string}, b: {type: string}}}}",
    "o?: {\na!: _\n...\n} & close({\na?: string\nb?: string\n})",
  ],
  "conditions on fields and items": [
    "{o: {type: object, allOf: [{properties: {l: {items: {required: [a]}}}}], properties: {l: {type: array, items: {type: object, properties: {a: {type: string}, b: {type: string}}}}}}}",
    "o?: {\nl?: null | bool | number | string | [...null | bool | number | string | [...] | {\na!: _\n...\n}] | {}\n...\n} & close({\nl?: [...close({\na?: string\nb?: string\n})]\n})",
  ],
};

describe.each(["native", "wasm"] as const)("the %s engine translates", (kind) => {
  it.each(Object.entries({ ...fields, ...conditions }))("%s", async (_, [schema, cue]) => {
    const text = await translate(kind, definition({ spec: schema }));
    const [, body = ""] = /^#ThingSpec: \{\n(.*)^\}$/ms.exec(unfold(text)) ?? [];
    expect(plain(body)).toBe(cue);
  });

  it("descriptions to comments, long ones wrapped", async () => {
    const long =
      "What to save, and where to, in more words than fit a line of a hundred columns, which is too much.";
    const schema = `{description: "${long}", type: object, properties: {a: {type: string, description: A.}}}`;
    const text = await translate(
      kind,
      definition({
        schema: `{type: object, description: A thing., properties: {spec: ${schema}}}`,
      }),
    );
    expect(text).toMatchInlineSnapshot(`
      "package v1

      import "strings"

      // A thing.
      #Thing: {
      	apiVersion: "x.example.com/v1"
      	kind:       "Thing"
      	metadata!: {
      		annotations?: [string]: string
      		finalizers?: [...string]
      		labels?: [string]: string
      		name!:      strings.MinRunes(1) & strings.MaxRunes(253)
      		namespace!: strings.MinRunes(1) & strings.MaxRunes(63)
      	}
      	// What to save, and where to, in more words than fit a line of a hundred
      	// columns, which is too much.
      	spec!: #ThingSpec
      }

      // What to save, and where to, in more words than fit a line of a hundred
      // columns, which is too much.
      #ThingSpec: {
      	// A.
      	a?: string
      }
      "
    `);
  });

  it("the frame of a resource", async () => {
    expect(await translate(kind, definition({ spec: "{}" }))).toMatchInlineSnapshot(`
      "package v1

      import "strings"

      #Thing: {
      	apiVersion: "x.example.com/v1"
      	kind:       "Thing"
      	metadata!: {
      		annotations?: [string]: string
      		finalizers?: [...string]
      		labels?: [string]: string
      		name!:      strings.MinRunes(1) & strings.MaxRunes(253)
      		namespace!: strings.MinRunes(1) & strings.MaxRunes(63)
      	}
      	spec!: #ThingSpec
      }

      #ThingSpec: {}
      "
    `);
  });

  it("a resource of the cluster, without a spec", async () => {
    const schema =
      "{type: object, required: [status, rules], properties: {rules: {type: array, items: {type: string}}, status: {type: object}}}";
    const text = await translate(kind, definition({ schema, scope: "Cluster" }));
    expect(text).toMatchInlineSnapshot(`
      "package v1

      import "strings"

      #Thing: {
      	apiVersion: "x.example.com/v1"
      	kind:       "Thing"
      	metadata!: {
      		annotations?: [string]: string
      		finalizers?: [...string]
      		labels?: [string]: string
      		name!:      strings.MinRunes(1) & strings.MaxRunes(253)
      		namespace?: strings.MinRunes(1) & strings.MaxRunes(63)
      	}
      	rules!: [...string]
      }
      "
    `);
  });

  it("a bound on names", async () => {
    const schema =
      "{type: object, properties: {metadata: {type: object, properties: {name: {type: string, pattern: '^a', maxLength: 20}}}}}";
    expect(await translate(kind, definition({ schema }))).toContain(
      'name!:      strings.MinRunes(1) & strings.MaxRunes(20) & =~"^a"',
    );
  });

  it("kinds and versions that are no identifiers", async () => {
    const content = definition({ spec: "{}", kind: "My-Thing", version: "v1-beta" });
    const { packages } = found(await engines[kind].translateCrds(file(content)));
    expect(packages[0]).toMatchObject({ path: "x.example.com/my-thing/v1-beta", kind: "My-Thing" });
    expect(packages[0]!.text).toMatch(/^package v1_beta\n[^]*#My_Thing: \{[^]*kind: +"My-Thing"/);
  });

  it("all versions, a missing singular name from the kind", async () => {
    const content = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.x.example.com}
spec:
  group: x.example.com
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions:
    - {name: v1alpha1, schema: {openAPIV3Schema: {type: object}}}
    - {name: v1, schema: {openAPIV3Schema: {type: object}}}`;
    const { packages } = found(await engines[kind].translateCrds(file(content)));
    expect(packages.map(({ path }) => path)).toEqual([
      "x.example.com/thing/v1alpha1",
      "x.example.com/thing/v1",
    ]);
  });

  it("documents, lists, and those that are wanted", async () => {
    const one = (name: string, group = "x.example.com"): string =>
      definition({ spec: "{}", kind: name, group }).trim();
    const nested = (text: string): string => text.replaceAll("\n", "\n    ");
    const content = `# A comment.
---
${one("A")}
---
apiVersion: v1
kind: ConfigMap
items: [{kind: CustomResourceDefinition}]
---
apiVersion: v1
kind: List
items:
  - ${nested(one("B"))}
  - ${nested(one("C", "y.example.com"))}
---
`;
    const all = found(await engines[kind].translateCrds(file(content)));
    expect(all.names).toEqual(["as.x.example.com", "bs.x.example.com", "cs.y.example.com"]);
    expect(all.packages.map(({ line }) => line)).toEqual([3, 25, 39]);
    const some = { ...file(content), names: ["as.x.example.com"], groups: ["y.example.com"] };
    const chosen = found(await engines[kind].translateCrds(some));
    expect(chosen.packages.map(({ name }) => name)).toEqual([
      "as.x.example.com",
      "cs.y.example.com",
    ]);
    expect(chosen.names).toEqual(all.names);
  });

  it("a list as an API server sends it", async () => {
    const {
      kind: _kind,
      apiVersion: _version,
      ...item
    } = {
      apiVersion: "",
      kind: "",
      metadata: { name: "things.x.example.com" },
      spec: {
        group: "x.example.com",
        names: { kind: "Thing", plural: "things", singular: "thing" },
        scope: "Namespaced",
        versions: [{ name: "v1", schema: { openAPIV3Schema: { type: "object" } } }],
      },
    };
    const list = {
      kind: "CustomResourceDefinitionList",
      apiVersion: "apiextensions.k8s.io/v1",
      items: [item],
    };
    const { packages } = found(await engines[kind].translateCrds(file(JSON.stringify(list))));
    expect(packages.map(({ path }) => path)).toEqual(["x.example.com/thing/v1"]);
  });
});

describe.each(["native", "wasm"] as const)("the %s engine finds", (kind) => {
  const wrong: Readonly<Record<string, readonly [content: string, ...problems: string[]]>> = {
    "YAML that does not parse": ["a: b\n c: d\n", "2:1 mapping values are not allowed"],
    "a group that leads elsewhere": [
      definition({ spec: "{}", group: "../../etc" }),
      `6:10 spec.group cannot be "../../etc"`,
    ],
    "a version that leads elsewhere": [
      definition({ spec: "{}", version: "../v1" }),
      `11:13 spec.versions[0].name cannot be "../v1"`,
    ],
    "a definition without a kind": [
      definition({ spec: "{}", kind: "" }),
      `8:11 spec.names.kind cannot be ""`,
    ],
    "a definition of an API that is gone": [
      "kind: CustomResourceDefinition\nspec:\n  group: a.b\n  version: v1\n  names: {kind: A, plural: as}\n",
      "3:3 spec.versions is missing: only definitions of apiextensions.k8s.io/v1 are understood",
    ],
    "a version without a schema": [
      definition({ schema: "null" }),
      "13:26 spec.versions[0].schema.openAPIV3Schema must be an object",
    ],
    "types that there are not": [
      definition({ spec: "{a: {type: text}, b: {type: [string]}}" }),
      `13:92 unknown type "text"`,
      `13:109 value of "type" must be a string in OpenAPI 3.0`,
    ],
    references: [
      definition({ spec: "{a: {$ref: 'https://example.com/x'}}" }),
      "13:92 cannot determine CUE location",
    ],
  };

  it.each(Object.entries(wrong))("%s", async (_, [content, ...problems]) => {
    const result = await engines[kind].translateCrds(file(content));
    const told = result.ok
      ? []
      : result.diagnostics.map(({ text, positions: [at] }) => `${at?.line}:${at?.column} ${text}`);
    expect(told).toHaveLength(problems.length);
    problems.forEach((problem, index) => expect(told[index]).toContain(problem));
  });
});

describe.each(["native", "wasm"] as const)("on the %s engine, a translated definition", (kind) => {
  const schema =
    "{mode: {type: string, enum: [Full, Partial], default: Full}, to: {type: object, oneOf: [{required: [s3]}, {required: [disk]}], properties: {s3: {type: object, properties: {bucket: {type: string}}}, disk: {type: string}, retry: {x-kubernetes-int-or-string: true, default: 3}}}, n: {type: integer, maximum: 5}, one: {type: object, oneOf: [{required: [a]}], properties: {a: {type: string}, b: {type: string}}}, many: {type: object, allOf: [{properties: {l: {items: {required: [a]}}}}], properties: {l: {type: array, items: {type: object, properties: {a: {type: string}, b: {type: string}}}}}}}";

  it.each([
    ["keeps defaults", "{}", { mode: "Full" }],
    ["takes another value", '{mode: "Partial", n: 5}', { mode: "Partial", n: 5 }],
    [
      "keeps defaults beside conditions",
      '{to: disk: "/x"}',
      { mode: "Full", to: { disk: "/x", retry: 3 } },
    ],
    [
      "takes what stands beside an only condition",
      '{one: {a: "x", b: "y"}}',
      { mode: "Full", one: { a: "x", b: "y" } },
    ],
    [
      "takes what stands beside a condition on items",
      '{many: l: [{a: "x", b: "y"}]}',
      { mode: "Full", many: { l: [{ a: "x", b: "y" }] } },
    ],
    [
      "takes either type",
      '{to: {disk: "/x", retry: "2s"}}',
      { mode: "Full", to: { disk: "/x", retry: "2s" } },
    ],
  ])("%s", async (_, spec, expected) => {
    const result = await build(kind, schema, spec);
    expect(JSON.parse(result.ok ? result.outputs.get("out")!.text! : "null")).toMatchObject({
      apiVersion: "x.example.com/v1",
      kind: "Thing",
      spec: expected,
    });
  });

  it.each([
    ["another type", "{n: 2.5}", "spec.n"],
    ["a number out of bounds", "{n: 6}", "spec.n"],
    ["what is no choice", '{mode: "None"}', "spec.mode"],
    ["an unknown field", "{x: 1}", "spec.x"],
    ["an unknown field beside a condition", '{to: {disk: "/x", z: 1}}', "spec.to.z"],
    ["an unknown field below a condition", '{to: s3: {bucket: "b", z: 1}}', "spec.to.s3.z"],
    ["a condition that is not met", "{to: {}}", "spec.to"],
    ["an only condition that is not met", '{one: b: "y"}', "spec.one.a"],
    ["an unknown field beside an only condition", '{one: {a: "x", z: 1}}', "spec.one.z"],
    ["a condition on items that is not met", '{many: l: [{b: "y"}]}', "spec.many.l.0.a"],
    ["an unknown field beside a condition on items", '{many: l: [{a: "x", z: 1}]}', "spec.many.l"],
    ["two of what may be there once", '{to: {disk: "/x", s3: {}}}', "spec.to"],
    [
      "a boolean where a number or a text is due",
      '{to: {disk: "/x", retry: true}}',
      "spec.to.retry",
    ],
  ])("refuses %s", async (_, spec, path) => {
    const result = await build(kind, schema, spec);
    expect(result.ok ? [] : result.diagnostics.map((entry) => entry.path)).toContain(`out.${path}`);
  });
});

interface Parts {
  readonly spec?: string;
  readonly schema?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly scope?: string;
  readonly version?: string;
}

function definition(parts: Parts): string {
  const { group = "x.example.com", kind = "Thing", scope = "Namespaced", version = "v1" } = parts;
  const {
    schema = `{type: object, properties: {spec: {type: object, properties: ${parts.spec}}}}`,
  } = parts;
  const singular = kind.toLowerCase();
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${singular}s.${group}
spec:
  group: ${group}
  names:
    kind: "${kind}"
    plural: ${singular}s
  versions:
    - name: ${version}
      schema:
        openAPIV3Schema: ${schema}
  scope: ${scope}
`;
}

function file(content: string): { name: string; content: Uint8Array } {
  return { name: "crds.yaml", content: Buffer.from(content) };
}

function found(result: CrdResult): Extract<CrdResult, { ok: true }> {
  if (!result.ok) expect.fail(JSON.stringify(result.diagnostics));
  return result;
}

async function translate(kind: "native" | "wasm", content: string): Promise<string> {
  const { packages } = found(await engines[kind].translateCrds(file(content)));
  return packages[0]!.text;
}

/** A struct of one field is printed without braces. */
function unfold(text: string): string {
  return text.replace(/^#ThingSpec: (?!\{\n)(.*)$/ms, "#ThingSpec: {\n$1\n}");
}

/** Text without the spaces that align it. */
function plain(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim().replaceAll(/ {2,}/g, " "))
    .join("\n");
}

async function build(
  kind: "native" | "wasm",
  schema: string,
  spec: string,
): Promise<Awaited<ReturnType<Engine["evaluate"]>>> {
  const text = await translate(kind, definition({ spec: schema }));
  const module = 'module: "test.dev"\nlanguage: version: "v0.17.0"\n';
  const main = `package main
import v1 "x.example.com/thing/v1"
out: v1.#Thing & {metadata: {name: "a", namespace: "b"}, spec: ${spec}}
`;
  const source = cueSource(
    new Map([
      ["cue.mod/module.cue", Buffer.from(module)],
      ["cue.mod/gen/x.example.com/thing/v1/types_gen.cue", Buffer.from(text)],
      ["main.cue", Buffer.from(main)],
    ]),
  );
  return engines[kind].evaluate({
    source,
    package: "main",
    outputs: [{ path: "out", encoding: "json", concrete: true }],
  });
}
