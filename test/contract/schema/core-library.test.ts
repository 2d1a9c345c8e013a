import { readFile, readdir } from "node:fs/promises";

import { createEngine, cueSource, type Engine } from "@tenon/cue-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const library = new URL("../../../packages/schema/cue/", import.meta.url);
const names = await readdir(new URL("tests/", library));

describe("tenon.dev/core/v1", () => {
  const engines: Partial<Record<"native" | "wasm", Engine>> = {};
  let vendored: Map<string, Uint8Array>;

  beforeAll(async () => {
    engines.native = await createEngine({ kind: "native" });
    engines.wasm = await createEngine({ kind: "wasm" });
    const core = new URL("tenon.dev/core/v1/", library);
    const files = (await readdir(core)).filter((name) => name.endsWith(".cue"));
    vendored = new Map(
      await Promise.all(
        files.map(
          async (name) =>
            [`cue.mod/pkg/tenon.dev/core/v1/${name}`, await readFile(new URL(name, core))] as const,
        ),
      ),
    );
  });
  afterAll(() => {
    engines.native?.close();
    engines.wasm?.close();
  });

  it("has cases", () => expect(names.length).toBeGreaterThan(40));

  for (const name of names) {
    it(name, async () => {
      const dir = new URL(`tests/${name}/`, library);
      const source = cueSource(
        new Map([
          ...vendored,
          ["cue.mod/module.cue", Buffer.from('module: "test.dev"\nlanguage: version: "v0.17.0"\n')],
          ["in.cue", await readFile(new URL("in.cue", dir))],
        ]),
      );
      const outputs = [{ path: "out", encoding: "json" as const, concrete: true }];
      const request = { source, package: "main", outputs };
      const [native, wasm] = await Promise.all([
        engines.native!.evaluate(request),
        engines.wasm!.evaluate(request),
      ]);
      expect(comparable(wasm)).toEqual(comparable(native));
      const wanted = await readFile(new URL("want.json", dir), "utf8").catch(() => undefined);
      if (wanted !== undefined) {
        const told = native.ok ? `${native.outputs.get("out")?.text}\n` : texts(native).join("\n");
        expect(told).toBe(wanted);
        return;
      }
      expect(native.ok).toBe(false);
      const lines = (await readFile(new URL("want.err", dir), "utf8")).trim().split("\n");
      for (const line of lines) expect(texts(native).join("\n")).toContain(line);
    });
  }
});

type Result = Awaited<ReturnType<Engine["evaluate"]>>;

function texts(result: Result): string[] {
  if (result.ok) return [];
  return result.diagnostics.map(({ path, text }) => (path ? `${path}: ${text}` : text));
}

function comparable(result: Result): unknown {
  return result.ok ? [...result.outputs] : result.diagnostics;
}
