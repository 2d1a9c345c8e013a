import { describe, expect, it } from "vitest";

import { type Files, failureOf } from "../support/bad-input.ts";

/** Builds the fixture with values files in this order. */
function build(files: Files, ...more: string[]): Promise<string> {
  const values = Object.keys(files).flatMap((name) => (name.startsWith("m/") ? [] : ["-f", name]));
  return failureOf(["build", "app", "m", ...values, ...more], { files });
}

describe("tenon build rejects values", () => {
  it("of the wrong type in CUE", async () => {
    expect(await build({ "v.cue": "values: {\n\tsettings: 5\n}\n" })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: values.settings: conflicting values 5 and {[string]:string} (mismatched types int and struct) [SCHEMA_BUILD_FAILED]
      v.cue:2:2: conflicting values 5 and {[string]:string} (mismatched types int and struct) (values.settings)
          2 | 	settings: 5
            | 	^
        see m/timoni.cue:13:12
      "
    `);
  });

  it("of the wrong type in YAML", async () => {
    expect(await build({ "v.yaml": "values:\n  settings:\n    colour: 5\n" }))
      .toMatchInlineSnapshot(`
        "exit 2
        error: Cannot build instance app of module m: values.settings.colour: conflicting values 5 and string (mismatched types int and string) [SCHEMA_BUILD_FAILED]
        v.yaml:3:5: conflicting values 5 and string (mismatched types int and string) (values.settings.colour)
            3 |     colour: 5
              |     ^
          see m/timoni.cue:13:22
        "
      `);
  });

  it("of the wrong type in JSON", async () => {
    expect(await build({ "v.json": '{\n  "values": { "version": "two" }\n}\n' }))
      .toMatchInlineSnapshot(`
        "exit 2
        error: Cannot build instance app of module m: values.version: "two" is none of 1, 2 [SCHEMA_BUILD_FAILED]
        v.json:2:16: "two" is none of 1, 2 (values.version)
            2 |   "values": { "version": "two" }
              |                ^
          see m/timoni.cue:10:12
        "
      `);
  });

  it("that are out of bounds", async () => {
    expect(await build({ "v.yaml": "values: { version: 3 }\n" })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: values.version: 3 is none of 1, 2 [SCHEMA_BUILD_FAILED]
      v.yaml:1:11: 3 is none of 1, 2 (values.version)
          1 | values: { version: 3 }
            |           ^
        see m/timoni.cue:10:12
      "
    `);
  });

  it("with an unknown key, suggesting the one that was meant", async () => {
    expect(await build({ "v.yaml": "values:\n  versoin: 2\n" })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: values.versoin: field not allowed [SCHEMA_BUILD_FAILED]
      v.yaml:2:3: field not allowed (values.versoin)
          2 |   versoin: 2
            |   ^
        did you mean "version"?
      "
    `);
  });

  it("without one that is required", async () => {
    const schema =
      "package main\n\n#Config: {\n\t// Who is called at night.\n\towner!: string\n}\n";
    expect(await build({ "m/owner.cue": schema })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: timoni.instance.config.owner: field is required but not present [SCHEMA_BUILD_FAILED]
      m/owner.cue:5:2: field is required but not present (timoni.instance.config.owner)
          5 | 	owner!: string
            | 	^
      hint: Give the value in a file: -f values.yaml
      "
    `);
  });

  it("of two files that conflict", async () => {
    expect(
      await build({
        "a.yaml": "values:\n  settings:\n    colour: red\n",
        "b.cue": 'values: settings: colour: {\n\tname: "red"\n}\n',
      }),
    ).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: values.settings.colour: conflicting values {name:"red"} and string (mismatched types struct and string) [SCHEMA_BUILD_FAILED]
      b.cue:1:19: conflicting values {name:"red"} and string (mismatched types struct and string) (values.settings.colour)
          1 | values: settings: colour: {
            |                   ^
        see m/timoni.cue:13:22
      "
    `);
  });

  it("in malformed CUE", async () => {
    expect(await build({ "v.cue": "values: {\n\tversion: 2\n" })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot merge the values of instance app of module m: expected '}', found 'EOF' [SCHEMA_VALUES_INVALID]
      v.cue:2:13: expected '}', found 'EOF'
          2 | 	version: 2
            | 	          ^
      "
    `);
  });

  it("in malformed YAML", async () => {
    expect(await build({ "v.yaml": "values:\n  settings: colour: red\n" })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot merge the values of instance app of module m: mapping values are not allowed in this context [SCHEMA_VALUES_INVALID]
      v.yaml:2:1: mapping values are not allowed in this context
          2 |   settings: colour: red
            | ^
      "
    `);
  });

  it("in malformed JSON", async () => {
    expect(await build({ "v.json": '{\n  "values": { "version": 2, }\n}\n' }))
      .toMatchInlineSnapshot(`
      "exit 2
      error: Cannot merge the values of instance app of module m: invalid character '}' looking for beginning of object key string [SCHEMA_VALUES_INVALID]
      v.json:2:29: invalid character '}' looking for beginning of object key string
          2 |   "values": { "version": 2, }
            |                             ^
      "
    `);
  });

  it("without the field values", async () => {
    expect(await build({ "v.yaml": "version: 2\n" })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot merge the values of instance app of module m: values: the file has no top-level field "values" [SCHEMA_VALUES_INVALID]
      v.yaml:1:1: the file has no top-level field "values" (values)
          1 | version: 2
            | ^
        it has "version"
      hint: A values file holds one top-level field: "values"
      "
    `);
  });

  it("in a file of unknown ending", async () => {
    expect(await build({ "v.toml": "version = 2\n" })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot read values file v.toml: unknown file format [SCHEMA_VALUES_INVALID]
      hint: Values files end in .cue, .yaml, .yml or .json
      "
    `);
  });

  it("in a file that does not exist", async () => {
    expect(await failureOf(["build", "app", "m", "-f", "missing.yaml"])).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot read values file missing.yaml: no such file [DEPLOY_VALUES_UNREADABLE]
      hint: Check the path given with -f
      "
    `);
  });

  it("in a file that is a folder", async () => {
    expect(await failureOf(["build", "app", "m", "-f", "m"])).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot read values file m: it is a directory [DEPLOY_VALUES_UNREADABLE]
      hint: Check the path given with -f
      "
    `);
  });

  it("from stdin that are malformed", async () => {
    expect(await failureOf(["build", "app", "m", "-f", "-"], { input: "values: version: \n" }))
      .toMatchInlineSnapshot(`
      "exit 2
      error: Cannot merge the values of instance app of module m: expected operand, found 'EOF' [SCHEMA_VALUES_INVALID]
      stdin.cue:1:19: expected operand, found 'EOF'
          1 | values: version: 
            |                  ^
      "
    `);
  });
});

describe("tenon build rejects an object that the Kubernetes API does not know", () => {
  const object = (...lines: string[]): Files => {
    const text = lines.map((line) => `\t\t${line}`).join("\n");
    return { "m/more.cue": `package main\n\ntimoni: apply: more: [\n\t{\n${text}\n\t},\n]\n` };
  };

  it("by a key, suggesting the one that was meant", async () => {
    const files = object(
      'apiVersion: "v1"',
      'kind: "Secret"',
      'metadata: name: "s"',
      'stringdata: a: "b"',
    );
    expect(await build(files)).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: timoni.apply.more[0].stringdata: Secret s: unknown field "stringdata" [SCHEMA_OBJECT_INVALID]
      m/more.cue:8:3: Secret s: unknown field "stringdata" (timoni.apply.more[0].stringdata)
          8 | 		stringdata: ***
            | 		^
        did you mean "stringData"?
      hint: Correct the module's template, or the value that it takes this from
      "
    `);
  });

  it("by the type of a field", async () => {
    const template =
      'template: {metadata: labels: a: "b", spec: containers: [{name: "a", image: "a"}]}';
    const spec = `spec: {replicas: "3", selector: matchLabels: a: "b", ${template}}`;
    const files = object(
      'apiVersion: "apps/v1"',
      'kind: "Deployment"',
      'metadata: name: "d"',
      spec,
    );
    expect(await build(files)).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: timoni.apply.more[0].spec.replicas: Deployment d: expected an integer of 32 bits, got "3" [SCHEMA_OBJECT_INVALID]
      m/more.cue:8:10: Deployment d: expected an integer of 32 bits, got "3" (timoni.apply.more[0].spec.replicas)
          8 | 		spec: {replicas: "3", selector: matchLabels: a: "b", template: {metadata: labels: a: "b", spec: containers: [{name: "a", image: "a"}]}}
            | 		       ^
      hint: Correct the module's template, or the value that it takes this from
      "
    `);
  });

  it("by a value that is none of a few", async () => {
    const files = object(
      'apiVersion: "v1"',
      'kind: "Service"',
      'metadata: name: "s"',
      'spec: type: "Nodeport"',
    );
    expect(await build(files)).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: timoni.apply.more[0].spec.type: Service s: expected one of "ClusterIP", "ExternalName", "LoadBalancer", "NodePort", got "Nodeport" [SCHEMA_OBJECT_INVALID]
      m/more.cue:8:9: Service s: expected one of "ClusterIP", "ExternalName", "LoadBalancer", "NodePort", got "Nodeport" (timoni.apply.more[0].spec.type)
          8 | 		spec: type: "Nodeport"
            | 		      ^
        did you mean "NodePort"?
      hint: Correct the module's template, or the value that it takes this from
      "
    `);
  });

  it("by its kind", async () => {
    const files = object('apiVersion: "v1"', 'kind: "Servce"', 'metadata: name: "s"');
    expect(await build(files)).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance app of module m: timoni.apply.more[0].kind: Servce s: Kubernetes 1.36.3 has no kind Servce in v1 [SCHEMA_OBJECT_INVALID]
      m/more.cue:6:3: Servce s: Kubernetes 1.36.3 has no kind Servce in v1 (timoni.apply.more[0].kind)
          6 | 		kind: "Servce"
            | 		^
        did you mean "Service"?
      hint: Correct the module's template, or the value that it takes this from
      "
    `);
  });
});
