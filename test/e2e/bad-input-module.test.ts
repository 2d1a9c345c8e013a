import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { type Files, failureOf } from "../support/bad-input.ts";
import { fixture } from "../support/repo.ts";

function vet(files: Files): Promise<string> {
  return failureOf(["mod", "vet", "m"], { files });
}

describe("tenon mod vet rejects a module", () => {
  it("that does not exist", async () => {
    expect(await failureOf(["mod", "vet", "nowhere"])).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot read module nowhere: no such directory [SCHEMA_MODULE_NOT_FOUND]
      hint: Give the directory that holds timoni.cue, or oci://REGISTRY/REPOSITORY
      "
    `);
  });

  it("that is a file", async () => {
    expect(await failureOf(["mod", "vet", "m/timoni.cue"])).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot read module m/timoni.cue: not a directory [SCHEMA_MODULE_NOT_FOUND]
      hint: Give the directory that holds timoni.cue, or oci://REGISTRY/REPOSITORY
      "
    `);
  });

  it.each(["timoni.cue", "values.cue", "cue.mod/module.cue"])("without %s", async (name) => {
    const report = await vet({ [`m/${name}`]: undefined });
    expect(report).toMatch(/^exit 2\nerror: .* \[SCHEMA_MODULE_INVALID\]\n/);
    expect(report).toContain(name);
    expect(report).toMatch(/\nhint: /);
  });

  it("of another apiVersion", async () => {
    const text = await readFile(fixture("small/timoni.cue"), "utf8");
    const other = text.replace('"v1alpha1"', '"v2"');
    expect(await vet({ "m/timoni.cue": other })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance default of module m: timoni.apiVersion: invalid value "v2" (out of bound =~"^v1alpha1$") [SCHEMA_BUILD_FAILED]
      m/timoni.cue:17:14: invalid value "v2" (out of bound =~"^v1alpha1$") (timoni.apiVersion)
         17 | 	apiVersion: "v2"
            | 	            ^
      "
    `);
  });

  it("of a language version that is not supported", async () => {
    const newer = 'module: "example.com/small"\nlanguage: version: "v0.99.0"\n';
    expect(await vet({ "m/cue.mod/module.cue": newer })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance default of module m: language.version: language version "v0.99.0" declared in module.cue is too new for current language version "v0.17.1" [SCHEMA_BUILD_FAILED]
      m/cue.mod/module.cue:2:11: language version "v0.99.0" declared in module.cue is too new for current language version "v0.17.1" (language.version)
          2 | language: version: "v0.99.0"
            |           ^
      hint: Set language.version in cue.mod/module.cue to v0.17.1 or older
      "
    `);
  });

  it("with malformed CUE", async () => {
    expect(await vet({ "m/extra.cue": "package main\n\nx: {\n" })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance default of module m: expected '}', found 'EOF' [SCHEMA_BUILD_FAILED]
      m/extra.cue:3:6: expected '}', found 'EOF'
          3 | x: {
            |     ^
      "
    `);
  });

  it("that imports what is not vendored", async () => {
    const text = 'package main\n\nimport corev1 "k8s.io/api/core/v1"\n\n#S: corev1.#Service\n';
    expect(await vet({ "m/extra.cue": text })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot build instance default of module m: example.com/small@v0:main: import failed: cannot find package "k8s.io/api/core/v1": cannot find module providing package k8s.io/api/core/v1 [SCHEMA_BUILD_FAILED]
      m/extra.cue:3:8: import failed: cannot find package "k8s.io/api/core/v1": cannot find module providing package k8s.io/api/core/v1 (example.com/small@v0:main)
          3 | import corev1 "k8s.io/api/core/v1"
            |        ^
      hint: Vendor the Kubernetes schemas: tenon mod vendor k8s
      "
    `);
  });

  it("that renders no objects", async () => {
    const text = await readFile(fixture("small/timoni.cue"), "utf8");
    const empty = text
      .replace(/\tapply: config: \[[^]*?\n\t\]\n/, "")
      .replace(/\tapply: app: \[[^]*?\n\t\]\n/, "\tapply: app: []\n");
    expect(await vet({ "m/timoni.cue": empty })).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot vet module m: timoni.apply has no objects [DEPLOY_VET_FAILED]
      hint: List the module's objects in timoni.cue, under timoni: apply: app: [...]
      "
    `);
  });

  it("that is not there for push, which pushes nothing", async () => {
    expect(await failureOf(["mod", "push", "nowhere", "oci://127.0.0.1:1/app", "-v", "1.0.0"]))
      .toMatchInlineSnapshot(`
      "exit 2
      error: Cannot read module nowhere: no such directory [SCHEMA_MODULE_NOT_FOUND]
      hint: Give the directory that holds timoni.cue, or oci://REGISTRY/REPOSITORY
      "
    `);
  });
});

describe("tenon rejects a command line", () => {
  it("with an unknown command, suggesting the one that was meant", async () => {
    expect(await failureOf(["aply", "app", "m"])).toMatchInlineSnapshot(`
      "exit 2
      error: Unknown command "aply" for tenon [CLI_USAGE]
      hint: Did you mean \`tenon apply\`? Run \`tenon --help\` for usage
      "
    `);
  });

  it("with an unknown flag, suggesting the one that was meant", async () => {
    expect(await failureOf(["build", "app", "m", "--value", "x"])).toMatchInlineSnapshot(`
      "exit 2
      error: Unknown flag --value [CLI_USAGE]
      hint: Did you mean --values? Run \`tenon build --help\` for usage
      "
    `);
  });

  it("without an argument that is required", async () => {
    expect(await failureOf(["build", "app"])).toMatchInlineSnapshot(`
      "exit 2
      error: Missing argument MODULE [CLI_USAGE]
      hint: The command is \`tenon build NAME MODULE [flags]\`. Run \`tenon build --help\` for usage
      "
    `);
  });

  it("with a name that no instance can have", async () => {
    expect(await failureOf(["build", "My_App", "m"])).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot use "My_App" as an instance name: not a lower-case DNS name of at most 63 characters [DEPLOY_NAME_INVALID]
      hint: Use lower-case letters, digits and dashes, such as my-app
      "
    `);
  });

  it("with a version that is none", async () => {
    expect(await failureOf(["mod", "push", "m", "oci://127.0.0.1:1/app", "-v", "v1"]))
      .toMatchInlineSnapshot(`
      "exit 2
      error: Cannot use version "v1": not a semantic version [DEPLOY_VERSION_INVALID]
      hint: Give a version such as -v 1.2.3
      "
    `);
  });

  it("that inits over what is there", async () => {
    expect(await failureOf(["mod", "init", "m"])).toMatchInlineSnapshot(`
      "exit 2
      error: Cannot create module m: it exists already [SCHEMA_ALREADY_EXISTS]
      hint: Choose another name or directory
      "
    `);
  });
});
