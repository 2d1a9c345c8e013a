import { fileURLToPath } from "node:url";

import { createEngine, type Engine } from "@tenon/cue-wasm";
import {
  moduleSchema,
  readModule,
  renderInstance,
  valueSource,
  type ModuleFiles,
} from "@tenon/schema";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { engineVerdicts, type Problem } from "../../support/engine-verdicts.ts";
import { randomValues, type SchemaNode } from "../../support/random-values.ts";

const app = fileURLToPath(new URL("../../../modules/app", import.meta.url));
const count = Number(process.env["TENON_TEST_VALUES"] ?? 10_000);
const seed = Number(process.env["TENON_TEST_SEED"] ?? 1);

/** Where the engine checks more than a JSON Schema can, and why. Each place has a `$comment`. */
const wider: Readonly<Record<string, string>> = {
  "": "rollout, ports and environment variables are compared with each other",
  kubeVersion: "known when it is built",
  moduleVersion: "known when it is built",
  clusterVersion: "computed from kubeVersion",
  "metadata.name": "the instance's name",
  "metadata.namespace": "the instance's namespace",
  "metadata.labels.app.kubernetes.io/name": "the instance's name",
  "metadata.labels.app.kubernetes.io/version": "computed from moduleVersion",
  "selector.labels.app.kubernetes.io/name": "the instance's name",
  image: "the reference is computed from repository, tag and digest",
  resources: "requests are compared with limits",
  "pod.securityContext": "the ids of the hardened preset are positive",
  "serviceAccount.name": "the default depends on serviceAccount.create",
  route: "an httproute needs a gateway",
  hpa: "replicas are compared with each other, and there has to be a metric",
  "test.image": "the reference is computed from repository, tag and digest",
};

describe("the JSON Schema of modules/app and the engine", () => {
  let engine: Engine;
  let module: ModuleFiles;
  let schema: SchemaNode;
  let accepts: ValidateFunction;

  beforeAll(async () => {
    engine = await createEngine();
    module = await readModule(app);
    schema = JSON.parse(await moduleSchema(engine, { module })) as SchemaNode;
    accepts = new Ajv2020({ strict: false }).compile(schema);
  });
  afterAll(() => engine?.close());

  const sample = (size: number): unknown[] =>
    fc.sample(randomValues(schema.properties!["values"]!), { numRuns: size, seed });

  it(`agree on ${count} values, but for what is named (seed ${seed})`, async () => {
    const values = sample(count);
    const verdicts = await engineVerdicts(engine, module, values);
    const refused = verdicts.filter((problems) => problems.length > 0).length;
    expect(refused / count).toBeGreaterThan(0.3);
    expect(refused / count).toBeLessThan(0.7);
    const narrower = values.filter(
      (value, index) => verdicts[index]!.length === 0 && !accepts({ values: value }),
    );
    expect(narrower).toEqual([]);
    const unexplained = values.flatMap((value, index) => {
      const problems = verdicts[index]!;
      const isExplained = problems.length === 0 || problems.some(isNamed);
      return isExplained || !accepts({ values: value }) ? [] : [{ value, problems }];
    });
    expect(unexplained).toEqual([]);
  });

  it.each(Object.keys(wider))("says at %j that more is checked", (place) => {
    const node = namesTo(place).reduce<SchemaNode | undefined>(
      (inner, name) => inner?.properties?.[name],
      schema.properties!["values"],
    );
    expect(node?.$comment).toMatch(/depend on other values|when the instance is built/);
  });

  it("the checks are those of a build", async () => {
    const values = sample(40);
    const verdicts = await engineVerdicts(engine, module, values);
    for (const [index, value] of values.entries()) {
      const file = valueSource("values.json", Buffer.from(JSON.stringify({ values: value })));
      const request = { module, name: "app", namespace: "apps", values: [file] };
      const built = renderInstance(engine, { ...request, moduleVersion: "1.0.0" }).then(
        () => true,
        () => false,
      );
      expect([value, await built]).toEqual([value, verdicts[index]!.length === 0]);
    }
  });
});

function isNamed({ path }: Problem): boolean {
  const plain = path.replaceAll('"', "");
  if (plain.startsWith("#")) return "" in wider;
  return Object.keys(wider).some((place) => plain === place || plain.startsWith(`${place}.`));
}

/** The names of the fields on the way to a place; those of labels have dots. */
function namesTo(place: string): string[] {
  if (place === "") return [];
  const [before, label] = place.split(/\.(?=app\.kubernetes\.io)/);
  return [...before!.split("."), ...(label === undefined ? [] : [label])];
}
