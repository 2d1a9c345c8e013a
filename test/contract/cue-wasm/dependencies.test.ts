import {
  createEngine,
  cueSource,
  type Engine,
  type EvaluationResult,
  type UnpackedModule,
} from "@tenon/cue-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ZipEntry, zipArchive } from "../../support/zip-archive.ts";

const language = 'language: version: "v0.14.0"\n';
const libModule = `module: "example.com/lib@v0"\n${language}`;
const lib = "package lib\n\n#Port: int & <65536\n";

for (const kind of ["wasm", "native"] as const) {
  describe(`dependencies in the ${kind} engine`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine({ kind, concurrency: 1 });
    });
    afterAll(() => engine.close());

    it("are found by the loader among the files, further ones included", async () => {
      const result = await evaluate(engine, {
        "cue.mod/module.cue": `module: "example.com/app@v0"\n${language}deps: "example.com/mid@v0": v: "v0.2.0"\n`,
        "a.cue": 'package a\n\nimport "example.com/mid"\n\nout: mid.out\n',
        "cue.mod/dependencies/example.com/mid@v0.2.0/cue.mod/module.cue": `module: "example.com/mid@v0"\n${language}deps: "example.com/lib@v0": v: "v0.1.0"\n`,
        "cue.mod/dependencies/example.com/mid@v0.2.0/mid.cue":
          '@extern(embed)\n\npackage mid\n\nimport "example.com/lib"\n\nout: {port: lib.#Port & 80, note: string @embed(file=note.txt,type=text)}\n',
        "cue.mod/dependencies/example.com/mid@v0.2.0/note.txt": "hello",
        "cue.mod/dependencies/example.com/lib@v0.1.0/cue.mod/module.cue": libModule,
        "cue.mod/dependencies/example.com/lib@v0.1.0/lib.cue": lib,
      });
      expect(outputOf(result)).toBe('{"port":80,"note":"hello"}');
    });

    it("show their own lines in errors", async () => {
      const result = await evaluate(engine, {
        ...requiringLib("out: lib.#Port & 70000"),
        "cue.mod/dependencies/example.com/lib@v0.1.0/cue.mod/module.cue": libModule,
        "cue.mod/dependencies/example.com/lib@v0.1.0/lib.cue": lib,
      });
      expect(result.ok ? [] : result.diagnostics[0]?.positions).toContainEqual({
        file: "cue.mod/dependencies/example.com/lib@v0.1.0/lib.cue",
        line: 3,
        column: 14,
        lineText: "#Port: int & <65536",
      });
    });

    it("that are not there are named", async () => {
      const result = await evaluate(engine, requiringLib("out: lib.#Port & 80"));
      expect(result.ok ? "" : result.diagnostics[0]?.text).toContain(
        "the dependency example.com/lib@v0.1.0 was not fetched",
      );
    });

    it("are ambiguous beside a vendored package of the same path", async () => {
      const result = await evaluate(engine, {
        ...requiringLib("out: lib.#Port & 80"),
        "cue.mod/pkg/example.com/lib/lib.cue": lib,
        "cue.mod/dependencies/example.com/lib@v0.1.0/cue.mod/module.cue": libModule,
        "cue.mod/dependencies/example.com/lib@v0.1.0/lib.cue": lib,
      });
      expect(result.ok ? "" : result.diagnostics[0]?.text).toContain("ambiguous import");
    });

    it("are not taken from the file system of the host", async () => {
      const result = await evaluate(engine, {
        ...requiringLib("out: lib.#Port & 80"),
        "cue.mod/local-module.cue": 'deps: "example.com/lib@v0": replaceWith: "/etc"\n',
      });
      expect(result).toMatchObject({
        ok: false,
        diagnostics: [
          {
            text: "the folder /etc that replaces example.com/lib@v0 is outside of the module",
            positions: [{ file: "cue.mod/local-module.cue", line: 1, column: 7 }],
          },
        ],
      });
    });

    it("are listed with the registry of each", async () => {
      const moduleFile = `module: "example.com/app@v0"\n${language}deps: {\n\t"example.com/lib@v0": v: "v0.1.0"\n\t"other.dev/x@v1": {v: "v1.2.3"}\n}\n`;
      expect(
        await engine.readRequirements({
          moduleFile: Buffer.from(moduleFile),
          registry: "example.com=localhost:5000/cue,none",
        }),
      ).toEqual({
        ok: true,
        module: "example.com/app@v0",
        requirements: [
          {
            path: "example.com/lib",
            version: "v0.1.0",
            at: {
              file: "cue.mod/module.cue",
              line: 4,
              column: 2,
              lineText: '\t"example.com/lib@v0": v: "v0.1.0"',
            },
            location: {
              host: "localhost:5000",
              insecure: true,
              repository: "cue/example.com/lib",
              tag: "v0.1.0",
            },
          },
          {
            path: "other.dev/x",
            version: "v1.2.3",
            at: {
              file: "cue.mod/module.cue",
              line: 5,
              column: 2,
              lineText: '\t"other.dev/x@v1": {v: "v1.2.3"}',
            },
          },
        ],
      });
    });

    it("may be replaced by other modules", async () => {
      const replaced = await engine.readRequirements({
        moduleFile: Buffer.from(requiringLib("")["cue.mod/module.cue"]),
        localModuleFile: Buffer.from(
          'deps: "example.com/lib@v0": replaceWith: "example.com/fork@v0.3.0"\n',
        ),
      });
      expect(replaced.ok && replaced.requirements).toMatchObject([
        { path: "example.com/fork", version: "v0.3.0", location: { host: "registry.cue.works" } },
      ]);
    });

    it("need registries that can be read", async () => {
      const moduleFile = Buffer.from(libModule);
      expect(await engine.readRequirements({ moduleFile, registry: "a.dev=" })).toEqual({
        ok: false,
        reason: "empty registry reference",
      });
    });

    it("are unpacked", async () => {
      const unpacked = await unpack(engine, [{ name: "lib.cue", content: lib }]);
      const files = unpacked.ok ? [...unpacked.files] : [];
      expect(files.map(([name, content]) => [name, Buffer.from(content).toString()])).toEqual([
        ["cue.mod/module.cue", libModule],
        ["lib.cue", lib],
      ]);
    });

    const unsafe: readonly [string, readonly ZipEntry[], string][] = [
      ["a path that leads out", [{ name: "../lib.cue", content: lib }], "../lib.cue: "],
      ["an absolute path", [{ name: "/lib.cue", content: lib }], "/lib.cue: "],
      ["a backslash", [{ name: "a\\lib.cue", content: lib }], "lib.cue: "],
      ["a link", [{ name: "lib.cue", content: "/etc/passwd", mode: 0o120777 }], "lib.cue: "],
      [
        "names that differ in case",
        [
          { name: "lib.cue", content: lib },
          { name: "LIB.cue", content: lib },
        ],
        "case-insensitive",
      ],
      ["too much", [{ name: "lib.cue", content: lib, size: 101 << 20 }], "larger than 100 MiB"],
      ["more than it says", [{ name: "lib.cue", content: lib, size: 3 }], "lib.cue: "],
    ];
    for (const [what, entries, reason] of unsafe) {
      it(`are refused with ${what}`, async () => {
        const unpacked = await unpack(engine, entries);
        expect(unpacked.ok ? "" : unpacked.reason).toContain(reason);
      });
    }

    it("are refused as other modules, and when they are no archives", async () => {
      const content = zipArchive([{ name: "cue.mod/module.cue", content: libModule }]);
      const archive = { path: "example.com/other", version: "v0.1.0", content };
      expect(await engine.unpackModule(archive)).toEqual({
        ok: false,
        reason: "it says that it is module example.com/lib@v0",
      });
      const nothing = { path: "example.com/lib", version: "v0.1.0", content: Buffer.from("no") };
      expect(await engine.unpackModule(nothing)).toEqual({
        ok: false,
        reason: "zip: not a valid zip file",
      });
    });
  });
}

function requiringLib(body: string): { readonly "cue.mod/module.cue": string } & Files {
  return {
    "cue.mod/module.cue": `module: "example.com/app@v0"\nlanguage: version: "v0.17.0"\ndeps: "example.com/lib@v0": v: "v0.1.0"\n`,
    "a.cue": `package a\n\nimport "example.com/lib"\n\n${body}\n`,
  };
}

type Files = Readonly<Record<string, string>>;

function evaluate(engine: Engine, files: Files): Promise<EvaluationResult> {
  const entries = Object.entries(files).map(([name, text]) => [name, Buffer.from(text)] as const);
  return engine.evaluate({
    source: cueSource(new Map(entries)),
    package: "a",
    outputs: [{ path: "out", encoding: "json" }],
  });
}

function outputOf(result: EvaluationResult): string | undefined {
  return result.ok ? result.outputs.get("out")?.text : JSON.stringify(result.diagnostics);
}

function unpack(engine: Engine, entries: readonly ZipEntry[]): Promise<UnpackedModule> {
  const content = zipArchive([{ name: "cue.mod/module.cue", content: libModule }, ...entries]);
  return engine.unpackModule({ path: "example.com/lib", version: "v0.1.0", content });
}
