import { cueSource, type Evaluation } from "@tenon/cue-wasm";

interface Case {
  readonly evaluation: Evaluation;
  readonly expected: unknown;
}

/** What every engine must give, byte for byte. */
export const cases: Readonly<Record<string, Case>> = {
  "fields keep CUE's order and numbers their digits": evaluate(
    { "a.cue": 'package a\nout: {z: 9007199254740993, "10": 1, "2": 2, a: 1.50}\n' },
    { out: '{"z":9007199254740993,"10":1,"2":2,"a":1.50}' },
  ),
  "lists give each element as a text, hidden ones are named": {
    evaluation: {
      ...files({
        "a.cue":
          'package a\nsets: {app: [{k: "v"}, null, {b: \'bytes\', f: 1.0}], "two-x": []\n\t_no: [1], _text: "x"}\n',
      }),
      outputs: [{ path: "sets", encoding: "lists", concrete: true }],
    },
    expected: {
      ok: true,
      located: [],
      traced: [],
      merged: undefined,
      outputs: {
        sets: {
          exists: true,
          lists: [
            { name: "app", items: ['{"k":"v"}', null, '{"b":"bytes","f":1}'] },
            { name: "two-x", items: [] },
          ],
          hidden: [
            {
              text: "is hidden",
              path: "sets._no",
              positions: [
                { file: "a.cue", line: 3, column: 2, lineText: '\t_no: [1], _text: "x"}' },
              ],
              alternatives: [],
            },
          ],
        },
      },
    },
  },
  "tags, tag variables, imports and embedded files": {
    evaluation: {
      ...files({
        "cue.mod/module.cue": 'module: "x.dev/m"\nlanguage: version: "v0.17.0"\n',
        "sub/sub.cue":
          "@extern(embed)\npackage sub\nText: string @embed(file=note.txt,type=text)\n",
        "sub/note.txt": "hello",
        "a.cue":
          'package a\nimport "x.dev/m/sub"\nout: {name: string @tag(name), v: string @tag(v, var=version), t: sub.Text}\n',
      }),
      tags: ["name=web"],
      tagVars: { version: "1.2.3" },
      outputs: [{ path: "out", encoding: "json" }],
    },
    expected: {
      ok: true,
      located: [],
      traced: [],
      merged: undefined,
      outputs: { out: { exists: true, text: '{"name":"web","v":"1.2.3","t":"hello"}' } },
    },
  },
  "a conflict names every position with its line": {
    evaluation: {
      ...files({ "a.cue": "package a\nout: n: int\n", "b.cue": 'package a\nout: n: "x"\n' }),
      outputs: [{ path: "out", encoding: "json" }],
    },
    expected: {
      ok: false,
      stage: "build",
      diagnostics: [
        {
          text: 'conflicting values int and "x" (mismatched types int and string)',
          path: "out.n",
          positions: [
            { file: "a.cue", line: 2, column: 9, lineText: "out: n: int" },
            { file: "b.cue", line: 2, column: 9, lineText: 'out: n: "x"' },
          ],
          alternatives: [],
        },
      ],
    },
  },
  "an unknown field comes with those that are allowed": {
    evaluation: {
      ...files({
        "a.cue": "package a\n#C: {replicas: int, image?: string}\nout: #C\nout: replcias: 1\n",
      }),
      outputs: [{ path: "out", encoding: "json" }],
    },
    expected: {
      ok: false,
      stage: "build",
      diagnostics: [
        {
          text: "field not allowed",
          path: "out.replcias",
          positions: [{ file: "a.cue", line: 4, column: 6, lineText: "out: replcias: 1" }],
          alternatives: ["replicas", "image"],
        },
      ],
    },
  },
  "merged values lead back to the user's file": {
    evaluation: {
      ...files({
        "a.cue": "package a\nvalues: {n: int & <10, s: string}\n",
        "values.cue": 'package a\nvalues: {n: 1, s: "x"}\n',
      }),
      merge: {
        path: "values.cue",
        field: "values",
        overlays: [
          {
            name: "my/prod.yaml",
            kind: "yaml",
            content: Buffer.from("values:\n  s: y\n  n: 12\n"),
          },
        ],
      },
      outputs: [{ path: "values", encoding: "json" }],
    },
    expected: {
      ok: false,
      stage: "build",
      diagnostics: [
        {
          text: "invalid value 12 (out of bound <10)",
          path: "values.n",
          positions: [
            { file: "a.cue", line: 2, column: 19, lineText: "values: {n: int & <10, s: string}" },
            { file: "my/prod.yaml", line: 3, column: 3, lineText: "  n: 12" },
          ],
          alternatives: [],
        },
      ],
    },
  },
  "lists merge by index and may grow, null takes the place of a struct": {
    evaluation: {
      ...files({
        "values.cue": "package a\nvalues: {l: [{a: 1, b: 1}], o: {x: 1} | null}\n",
      }),
      merge: {
        path: "values.cue",
        field: "values",
        overlays: [
          {
            name: "1.json",
            kind: "json",
            content: Buffer.from('{"values": {"l": [{"a": 2}, {"c": 3}]}}'),
          },
          { name: "2.cue", kind: "cue", content: Buffer.from("values: o: null") },
        ],
      },
      outputs: [{ path: "values", encoding: "json", concrete: true }],
    },
    expected: {
      ok: true,
      located: [],
      traced: [],
      merged: "{\n\to: null\n\tl: [{\n\t\ta: 2\n\t\tb: 1\n\t}, {\n\t\tc: 3\n\t}]\n}",
      outputs: { values: { exists: true, text: '{"o":null,"l":[{"a":2,"b":1},{"c":3}]}' } },
    },
  },
  "a values file without the field says what it has": {
    evaluation: {
      ...files({ "values.cue": "package a\nvalues: n: 1\n" }),
      merge: {
        path: "values.cue",
        field: "values",
        overlays: [{ name: "v.yaml", kind: "yaml", content: Buffer.from("value:\n  n: 2\n") }],
      },
      outputs: [],
    },
    expected: {
      ok: false,
      stage: "merge",
      diagnostics: [
        {
          text: 'the file has no top-level field "values"',
          path: "values",
          positions: [{ file: "v.yaml", line: 1, column: 1, lineText: "value:" }],
          alternatives: ["value"],
        },
      ],
    },
  },
};

function files(contents: Readonly<Record<string, string>>): Omit<Evaluation, "outputs"> {
  const entries = Object.entries(contents).map(
    ([path, text]) => [path, Buffer.from(text)] as const,
  );
  return { source: cueSource(new Map(entries)), package: "a" };
}

function evaluate(
  contents: Readonly<Record<string, string>>,
  outputs: Readonly<Record<string, string>>,
): Case {
  return {
    evaluation: {
      ...files(contents),
      outputs: Object.keys(outputs).map((path) => ({ path, encoding: "json" as const })),
    },
    expected: {
      ok: true,
      located: [],
      traced: [],
      merged: undefined,
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([path, text]) => [path, { exists: true, text }]),
      ),
    },
  };
}
