import { spawnSync } from "node:child_process";

import {
  createEngine,
  cueSource,
  type Engine,
  type Evaluation,
  type EvaluationResult,
} from "@tenon/cue-wasm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { cases } from "./cases.ts";

let engines: { wasm: Engine; native: Engine };

beforeAll(async () => {
  engines = {
    wasm: await createEngine({ kind: "wasm", memoryMiB: 512 }),
    native: await createEngine({ kind: "native", memoryMiB: 512 }),
  };
});
afterAll(() => {
  engines.wasm.close();
  engines.native.close();
});

describe("every case gives the same on both engines", () => {
  for (const [name, { evaluation, expected }] of Object.entries(cases)) {
    it(name, async () => {
      const [wasm, native] = await Promise.all([
        engines.wasm.evaluate(evaluation),
        engines.native.evaluate(evaluation),
      ]);
      expect(plain(wasm)).toEqual(plain(native));
      expect(plain(native)).toEqual(expected);
    });
  }
});

for (const kind of ["wasm", "native"] as const) {
  describe(`the ${kind} engine`, () => {
    it("ends a request at its deadline and serves the next", async () => {
      await expect(
        engines[kind].evaluate(endless(), { deadlineMs: 500, label: "module slow" }),
      ).rejects.toMatchObject({
        code: "ENGINE_TIMEOUT",
        message: "Cannot evaluate module slow: it took longer than 0.5 s",
      });
      expect((await engines[kind].evaluate(small())).ok).toBe(true);
    });
    it("ends a request that passes the memory cap and serves the next", async () => {
      await expect(engines[kind].evaluate(hungry(), { deadlineMs: 60_000 })).rejects.toMatchObject({
        code: "ENGINE_OUT_OF_MEMORY",
      });
      expect((await engines[kind].evaluate(small())).ok).toBe(true);
    });
    it("stops at once when the caller aborts", async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error("stop")), 200);
      await expect(
        engines[kind].evaluate(endless(), { signal: controller.signal }),
      ).rejects.toThrow("stop");
    });
    it("prints YAML and JSON as Kubernetes tools do", async () => {
      const texts = ['{"b":"yes","a":9007199254740993,"k10":"a: b","k2":[[1]]}'];
      expect(await engines[kind].format(texts, "yaml")).toEqual([
        "a: 9007199254740993\nb: \"yes\"\nk2:\n- - 1\nk10: 'a: b'\n",
      ]);
      expect(await engines[kind].format(['{"b":"<&>","a":[]}', "1"], "json")).toEqual([
        '[\n    {\n        "a": [],\n        "b": "\\u003c\\u0026\\u003e"\n    },\n    1\n]',
      ]);
    });
    it("masks what is part of a secret", async () => {
      const text = '{\n\tuser: "admin"\n\tpassword: "s3cr3t"\n\tlist: ["s3cr3t", "x"]\n\tn: 1\n}';
      const masked = await engines[kind].mask(text, ['{"auth":"s3cr3t"}', "x"]);
      expect(masked).toBe(
        '{\n\tuser:     "admin"\n\tpassword: "***"\n\tlist: ["***", "***"]\n\tn: 1\n}\n',
      );
    });
    it("serves many requests at once", async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, () => engines[kind].evaluate(small())),
      );
      expect(results.every(({ ok }) => ok)).toBe(true);
    });
    it("names its CUE version", async () => {
      expect(await engines[kind].cueVersion()).toBe("v0.17.1");
    });
  });
}

it("a native engine that dies fails its request alone", async () => {
  // With more than one, another that dies as well may be the one that is asked next.
  using engine = await createEngine({ kind: "native", concurrency: 1 });
  const request = engine.evaluate(endless(), { label: "module doomed" });
  const failed = expect(request).rejects.toMatchObject({
    code: "ENGINE_CRASHED",
    message: "Cannot evaluate module doomed: the CUE engine ended: it ended with SIGKILL",
  });
  const kill = (): boolean =>
    spawnSync("pkill", ["-KILL", "-P", String(process.pid), "tenon-engine"]).status === 0;
  await vi.waitFor(() => expect(kill()).toBe(true), { timeout: 10_000 });
  await failed;
  expect((await engine.evaluate(small())).ok).toBe(true);
});

it("createEngine() says what to do when the engine is not there", async () => {
  for (const kind of ["wasm", "native"] as const) {
    using engine = await createEngine({ kind, assets: new URL("file:///nowhere/") });
    await expect(engine.evaluate(small())).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  }
});

function plain(result: EvaluationResult): unknown {
  const { timings: _, ...rest } = result;
  return "outputs" in rest ? { ...rest, outputs: Object.fromEntries(rest.outputs) } : rest;
}

function small(): Evaluation {
  const source = cueSource(new Map([["a.cue", Buffer.from("package a\nout: 1 + 1\n")]]));
  return { source, package: "a", outputs: [{ path: "out", encoding: "json" }] };
}

function endless(): Evaluation {
  const text =
    'package a\nimport "list"\nout: len([for a in list.Range(0, 4000, 1) for b in list.Range(0, 4000, 1) if a*b < 0 {a}])\n';
  const source = cueSource(new Map([["a.cue", Buffer.from(text)]]));
  return { source, package: "a", outputs: [{ path: "out", encoding: "json" }] };
}

function hungry(): Evaluation {
  const doublings = Array.from({ length: 26 }, (_, i) => `_s${i + 1}: _s${i} + _s${i}`).join("\n");
  const text = `package a\nimport "strings"\n_s0: strings.Repeat("x", 1000)\n${doublings}\nout: len(_s26)\n`;
  const source = cueSource(new Map([["a.cue", Buffer.from(text)]]));
  return { source, package: "a", outputs: [{ path: "out", encoding: "json" }] };
}
