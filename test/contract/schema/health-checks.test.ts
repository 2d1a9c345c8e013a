import { readFile, readdir } from "node:fs/promises";

import { createEngine, type Engine } from "@tenon/cue-wasm";
import {
  evaluateHealthCheck,
  type ModuleHealthChecks,
  renderInstance,
  type RenderRequest,
  surroundingsOf,
} from "@tenon/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const core = new URL("../../../packages/schema/cue/tenon.dev/core/v1/", import.meta.url);
const library = new Map(
  await Promise.all(
    (await readdir(core)).map(
      async (name) =>
        [`cue.mod/pkg/tenon.dev/core/v1/${name}`, await readFile(new URL(name, core))] as const,
    ),
  ),
);

/** A module with health checks, and what they have to say of some objects. */
interface Case {
  readonly cue: string;
  readonly values?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** JSON of an object to `name: verdict`, or a part of the reason why there is none. */
  readonly verdicts: readonly (readonly [check: string, object: unknown, verdict: string])[];
  /** It depends on too much to be kept. */
  readonly notKept?: true;
}

const condition = (type: string, status: string, observedGeneration?: number) => ({
  type,
  status,
  ...(observedGeneration !== undefined && { observedGeneration }),
});
const generation = (value: number) => ({ name: "x", generation: value });

const cases: Readonly<Record<string, Case>> = {
  "inProgress, failed and current, in this order": {
    cue: `timoni: healthChecks: x: {
	group: "a.b"
	#object: {status?: {...}, ...}
	current:    #object.status.phase == "Ready"
	failed:     #object.status.broken
	inProgress: #object.status.busy
}`,
    verdicts: [
      ["x", { status: { phase: "Ready", broken: true, busy: true } }, "inProgress"],
      ["x", { status: { phase: "Ready", broken: true, busy: false } }, "failed"],
      ["x", { status: { phase: "Ready", broken: false } }, "current"],
      ["x", { status: { phase: "Ready" } }, "current"],
      ["x", { status: { phase: "New" } }, "waiting"],
      ["x", { status: {} }, "waiting"],
      ["x", {}, "waiting"],
    ],
  },
  "an object that does not fit, and an expression that cannot be evaluated": {
    cue: `timoni: healthChecks: {
	fits: {group: "a.b", kind: "Fits", #object: {status?: {phase?: string, ...}, ...}, current: #object.status.phase == "x"}
	adds: {group: "a.b", kind: "Adds", #object: {...}, current: #object.n + "x" == "x"}
}`,
    verdicts: [
      ["fits", { status: { phase: 7 } }, "#object.status.phase"],
      ["adds", { n: 1 }, "invalid operands"],
      ["adds", {}, "waiting"],
    ],
  },
  "integers beyond what JavaScript holds": {
    cue: `timoni: healthChecks: x: {
	group: "a.b"
	#object: {...}
	current: #object.n == 9007199254740993
}`,
    verdicts: [
      ["x", '{"n":9007199254740993}', "current"],
      ["x", '{"n":9007199254740992}', "waiting"],
    ],
  },
  "values, lets, hidden fields and the name of the instance": {
    cue: `import "strings"

values: {
	ready: *"Ready" | string
	min:   *1 | int
	words?: [...string]
	unused: {#deep: string, big: [...string]}
}
_suffix: "-up"
let prefix = "is"
#Base: {
	group!: string
	#object: {...}
	...
}
timoni: {
	instance: config: metadata: {name: string, namespace: string}
	let meta = instance.config.metadata
	healthChecks: x: #Base & {
		group: "\\(meta.namespace).b"
		#object: {...}
		let status = #object.status
		current: strings.HasPrefix(status.phase, prefix) && strings.HasSuffix(status.phase, _suffix)
		failed:  status.phase == values.ready && #object.n >= values.min
	}
	healthChecks: y: {
		group: "y.b"
		#object: {...}
		current: #object.name == timoni.instance.config.metadata.name && values.words == _|_
	}
}`,
    values: '{ready: "Bad", min: 3}',
    verdicts: [
      ["x", { status: { phase: "is-up" } }, "current"],
      ["x", { status: { phase: "is-down" } }, "waiting"],
      ["x", { status: { phase: "Bad" }, n: 3 }, "failed"],
      ["x", { status: { phase: "Bad" }, n: 2 }, "waiting"],
      ["y", { name: "web" }, "current"],
      ["y", { name: "other" }, "waiting"],
    ],
  },
  "checks that depend on values, in comprehensions and embedded structs": {
    cue: `values: {on: *false | bool, kinds: ["A", "B"]}
timoni: {
	if values.on {
		healthChecks: conditional: {group: "a.b", kind: "If", #object: {...}, current: #object.ok}
		apply: more: []
	}
	{
		healthChecks: {
			for name in values.kinds {
				(name): {group: "a.b", kind: name, #object: {...}, current: #object.kind == name}
			}
		}
	}
}`,
    values: "{on: true}",
    verdicts: [
      ["conditional", { ok: true }, "current"],
      ["conditional", { ok: false }, "waiting"],
      ["A", { kind: "A" }, "current"],
      ["B", { kind: "A" }, "waiting"],
    ],
  },
  "aliases, and names that mean something else elsewhere": {
    cue: `values: {phase: "Up"}
Known=_known: ["Up"]
_limits: L={low: 1, high: L.low + 1}
timoni: healthChecks: x: X={
	group: "a.b"
	#object: {...}
	let live = X.#object
	current: live.phase == Known[0] && live.n < _limits.high
	failed: len([for apply in live.list if apply.timoni {apply}]) > 0
}`,
    verdicts: [
      ["x", { phase: "Up", n: 1, list: [] }, "current"],
      ["x", { phase: "Up", n: 2, list: [] }, "waiting"],
      ["x", { phase: "Up", n: 1, list: [{ timoni: true }] }, "failed"],
    ],
  },
  "definitions that see fields of the struct that they are unified with": {
    cue: `import "a.b/m/checks"

timoni: checks.#App & {
	instance: config: {phase: "Up", other: "x"}
}
values: note: "later in another file"`,
    files: {
      "checks/app.cue": `package checks

#App: X={
	instance: {config: {phase: *"New" | string, ...}, ...}
	healthChecks: {
		x: {group: "a.b", #object: {...}, current: #object.phase == instance.config.phase}
		y: {group: "y.b", #object: {...}, current: #object.other == X.instance.config.other}
	}
	...
}
`,
      "zz.cue": 'package main\n\nvalues: {more: "z"}\n',
    },
    verdicts: [
      ["x", { phase: "Up" }, "current"],
      ["x", { phase: "New" }, "waiting"],
      ["y", { other: "x" }, "current"],
      ["y", {}, "waiting"],
    ],
  },
  "values that are not concrete, in several files": {
    cue: `values: {password!: string, phase: string}
timoni: healthChecks: x: {
	group: "a.b"
	#object: {...}
	let given = values
	current: #object.phase == given.phase
}`,
    files: { "zz.cue": 'package main\n\nvalues: phase: "Up"\n' },
    values: "{password: string}",
    verdicts: [
      ["x", { phase: "Up" }, "current"],
      ["x", { phase: "New" }, "waiting"],
    ],
  },
  "packages of the module": {
    cue: `import "a.b/m/checks"

timoni: healthChecks: x: checks.#Phase & {#phase: "Up"}
timoni: healthChecks: checks.more`,
    files: {
      "checks/phase.cue": `package checks

import "list"

#Phase: {
	#phase: string
	group:  "a.b"
	#object: {...}
	current: list.Contains(_known, #object.phase) && #object.phase == #phase
}
more: y: {group: "y.b", #object: {...}, current: #object.y}
unrelated: nothing: true
`,
      "checks/known.cue": 'package checks\n\n_known: ["Up", "Down"]\n',
    },
    verdicts: [
      ["x", { phase: "Up" }, "current"],
      ["x", { phase: "Down" }, "waiting"],
      ["y", { y: true }, "current"],
    ],
  },
  "packages of a module that is required": {
    cue: `import "other.dev/lib"

timoni: healthChecks: x: lib.#Phase`,
    files: {
      "cue.mod/module.cue": `module: "a.b/m@v0"
language: version: "v0.14.0"
deps: "other.dev/lib@v0": v: "v0.1.0"
`,
      "cue.mod/dependencies/other.dev/lib@v0.1.0/cue.mod/module.cue": `module: "other.dev/lib@v0"
language: version: "v0.14.0"
`,
      "cue.mod/dependencies/other.dev/lib@v0.1.0/lib.cue": `package lib

#Phase: {group: "a.b", #object: {...}, current: #object.phase == _up}
_up: "Up"
`,
    },
    verdicts: [
      ["x", { phase: "Up" }, "current"],
      ["x", { phase: "Down" }, "waiting"],
    ],
  },
  "the library": {
    cue: `import core "tenon.dev/core/v1"

timoni: healthChecks: core.#HealthCheckLibrary.all
timoni: healthChecks: own: core.#HealthCheckForCondition & {group: "own.dev", conditionType: "Available"}`,
    verdicts: [
      [
        "gateway.networking.k8s.io/Gateway",
        { metadata: generation(2), status: { conditions: [condition("Programmed", "True", 2)] } },
        "current",
      ],
      [
        "gateway.networking.k8s.io/Gateway",
        { metadata: generation(2), status: { conditions: [condition("Programmed", "True", 1)] } },
        "waiting",
      ],
      [
        "gateway.networking.k8s.io/HTTPRoute",
        {
          metadata: generation(1),
          spec: { parentRefs: [{ name: "public" }] },
          status: {
            parents: [
              { parentRef: { name: "public" }, conditions: [condition("Accepted", "True")] },
            ],
          },
        },
        "current",
      ],
      [
        "gateway.networking.k8s.io/HTTPRoute",
        { metadata: generation(1), spec: { parentRefs: [{ name: "public" }] } },
        "waiting",
      ],
      [
        "gateway.networking.k8s.io/BackendTLSPolicy",
        { metadata: generation(1), status: { ancestors: [] } },
        "waiting",
      ],
      [
        "cluster.x-k8s.io/Cluster",
        {
          metadata: generation(2),
          status: { observedGeneration: 1, conditions: [condition("Available", "True")] },
        },
        "inProgress",
      ],
      [
        "cluster.x-k8s.io/Cluster",
        {
          metadata: generation(2),
          status: { observedGeneration: 2, conditions: [condition("Available", "True")] },
        },
        "current",
      ],
      [
        "own",
        { metadata: generation(1), status: { conditions: [condition("Stalled", "True")] } },
        "failed",
      ],
      [
        "own",
        { metadata: generation(1), status: { conditions: [condition("Available", "True")] } },
        "current",
      ],
    ],
  },
  "checks that depend on a file": {
    cue: `@extern(embed)

package main

_phase: string @embed(file=phase.txt,type=text)
timoni: healthChecks: x: {group: "a.b", #object: {...}, current: #object.phase == _phase}`,
    files: { "phase.txt": "Up" },
    verdicts: [
      ["x", { phase: "Up" }, "current"],
      ["x", { phase: "Down" }, "waiting"],
    ],
    notKept: true,
  },
};

for (const kind of ["native", "wasm"] as const) {
  describe(`health checks in CUE (${kind})`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine({ kind });
    });
    afterAll(() => engine?.close());

    for (const [name, { verdicts, notKept = false, ...given }] of Object.entries(cases)) {
      it(name, async () => {
        const request = requestOf(given);
        const { healthChecks: kept } = await renderInstance(engine, request);
        expect(kept?.files !== undefined).toBe(!notKept);
        const wanted = verdicts.map(([check, , verdict]) => `${check}: ${verdict}`);
        const inModule = { ...kept!, files: undefined };
        expect(await told(engine, inModule, verdicts, request)).toEqual(wanted);
        if (!notKept) expect(await told(engine, kept!, verdicts)).toEqual(wanted);
      });
    }
  });
}

describe("what is kept of health checks", () => {
  it("is the same on both engines, and holds neither objects nor other values", async () => {
    using native = await createEngine({ kind: "native" });
    using wasm = await createEngine({ kind: "wasm" });
    const request = requestOf({
      cue: `values: {phase: *"Up" | string, password: string}
timoni: healthChecks: x: {group: "a.b", #object: {...}, current: #object.phase == values.phase}`,
      values: '{password: "hunter2"}',
    });
    const { healthChecks } = await renderInstance(native, request);
    expect((await renderInstance(wasm, request)).healthChecks).toEqual(healthChecks);
    expect(healthChecks?.texts).toEqual(["Up"]);
    expect(healthChecks?.files?.["timoni.cue"]).toMatchInlineSnapshot(`
      "package main

      values: phase: *"Up" | string
      timoni: healthChecks: x: {group: "a.b", #object: {...}, current: #object.phase == values.phase}
      timoni: {}
      "
    `);
    expect(JSON.stringify(healthChecks)).not.toMatch(/hunter2|ConfigMap/);
  });
});

function requestOf({ cue, values = "{}", files }: Omit<Case, "verdicts">): RenderRequest {
  const head = cue.startsWith("@") ? "" : "package main\n\n";
  const texts = {
    "cue.mod/module.cue": 'module: "a.b/m"\nlanguage: version: "v0.17.0"\n',
    "values.cue": `package main\n\nvalues: ${values}\n`,
    "timoni.cue": `${head}${cue}
timoni: {
	apiVersion: "v1alpha1"
	instance: config: metadata: {name: string @tag(name), namespace: string @tag(namespace)}
	apply: app: [{apiVersion: "v1", kind: "ConfigMap", metadata: instance.config.metadata}]
}
`,
    ...files,
  };
  const contents = Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)] as const);
  const module = { root: "m", files: new Map([...library, ...contents]) };
  return { module, name: "web", namespace: "shop" };
}

async function told(
  engine: Engine,
  checks: ModuleHealthChecks,
  verdicts: Case["verdicts"],
  request?: RenderRequest,
): Promise<string[]> {
  const surroundings = surroundingsOf(checks, request)!;
  const all: string[] = [];
  for (const [name, given, wanted] of verdicts) {
    const object = typeof given === "string" ? given : JSON.stringify(given);
    const verdict = await evaluateHealthCheck(engine, surroundings, { name, object }).catch(
      (error: Error) => (error.message.includes(wanted) ? wanted : error.message),
    );
    all.push(`${name}: ${verdict}`);
  }
  return all;
}
