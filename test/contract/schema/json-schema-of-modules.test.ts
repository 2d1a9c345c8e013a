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
import { moduleSamples } from "../../support/module-samples.ts";
import { randomValues, type SchemaNode } from "../../support/random-values.ts";

const count = Number(process.env["TENON_TEST_VALUES"] ?? 1500);
const timeout = 60_000 + 60 * count;
const seed = Number(process.env["TENON_TEST_SEED"] ?? 1);

/** Where the engine checks more than the schema of any module that uses the authoring library. */
const widerInAll: Readonly<Record<string, string>> = {
  kubeVersion: "known when it is built",
  moduleVersion: "known when it is built",
  clusterVersion: "kubeVersion is compared with the oldest version that the module works with",
  "clusterVersion.major": "computed from kubeVersion",
  "clusterVersion.minor": "computed from kubeVersion",
  "clusterVersion.patch": "computed from kubeVersion",
  "clusterVersion.preRelease": "computed from kubeVersion",
  "clusterVersion.build": "computed from kubeVersion",
  "metadata.name": "the instance's name",
  "metadata.namespace": "the instance's namespace",
  "metadata.labels.app.kubernetes.io/name": "the instance's name",
  "metadata.labels.app.kubernetes.io/version": "computed from moduleVersion",
  "selector.labels.app.kubernetes.io/name": "the instance's name",
  "image.reference": "computed from repository, tag and digest",
  resources: "requests are compared with limits",
  "pod.securityContext.runAsUser": "positive with the hardened preset",
  "pod.securityContext.runAsGroup": "positive with the hardened preset",
  "pod.securityContext.fsGroup": "positive with the hardened preset",
  "serviceAccount.name": "the default depends on serviceAccount.create",
};

/**
 * Where the engine checks more than the schema of a module, and why a JSON Schema cannot. Each place
 * has a `$comment`.
 */
const widerPlaces: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  app: {
    ...widerInAll,
    "": "rollout, ports and environment variables are compared with each other",
    route: "an httproute needs a gateway",
    hpa: "replicas are compared with each other, and there has to be a metric",
    "test.image.reference": "computed from repository, tag and digest",
  },
  redis: { ...widerInAll, "": "auth.password and auth.existingSecret exclude each other" },
};

describe.each(Object.entries(widerPlaces))(
  "the JSON Schema of modules/%s and the engine",
  (name, wider) => {
    let engine: Engine;
    let module: ModuleFiles;
    let schema: SchemaNode;
    let accepts: ValidateFunction;
    let random: fc.Arbitrary<unknown>;

    beforeAll(async () => {
      engine = await createEngine();
      module = await readModule(
        fileURLToPath(new URL(`../../../modules/${name}`, import.meta.url)),
      );
      schema = JSON.parse(await moduleSchema(engine, { module })) as SchemaNode;
      accepts = new Ajv2020({ strict: false }).compile(schema);
      random = randomValues(schema.properties!["values"]!, await moduleSamples(engine, module));
    });
    afterAll(() => engine?.close());

    const sample = (size: number): unknown[] => fc.sample(random, { numRuns: size, seed });

    it(
      `agree on ${count} values, but for what is named (seed ${seed})`,
      { timeout },
      async ({ annotate }) => {
        const values = sample(count);
        const verdicts = await engineVerdicts(engine, module, values);
        const cases = values.map((value, index) => ({
          value,
          problems: verdicts[index]!,
          bySchema: accepts({ values: value }),
        }));
        const refused = cases.filter(({ problems }) => problems.length > 0);
        expect(refused.length / count).toBeGreaterThan(0.3);
        expect(refused.length / count).toBeLessThan(0.7);
        const isNarrower = (one: (typeof cases)[number]): boolean =>
          one.problems.length === 0 && !one.bySchema;
        expect(cases.filter(isNarrower)).toEqual([]);
        const missed = refused.filter(({ bySchema }) => bySchema);
        await annotate(`${refused.length} refused, ${missed.length} of them by the engine alone`);
        const isNamed = (place: string): boolean => place in wider;
        expect(missed.filter(({ problems }) => !placesOf(problems).every(isNamed))).toEqual([]);
      },
    );

    it.each(Object.keys(wider))("says at %j that more is checked", (place) => {
      const node = namesTo(place).reduce<SchemaNode | undefined>(
        (inner, field) => inner?.properties?.[field],
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
  },
);

/**
 * The fields where problems are, without the elements of lists: those of definitions only where there
 * is nothing else.
 */
function placesOf(problems: readonly Problem[]): string[] {
  const places = problems.map(({ path }) => path.replaceAll('"', "").replace(/\.\d+(\..*)?$/, ""));
  const fields = places.filter((place) => !place.includes("#"));
  return fields.length > 0 ? fields : places.map((place) => place.replace(/\.?#.*/, ""));
}

/** The names of the fields on the way to a place; those of labels have dots. */
function namesTo(place: string): string[] {
  if (place === "") return [];
  const [before, label] = place.split(/\.(?=app\.kubernetes\.io)/);
  return [...before!.split("."), ...(label === undefined ? [] : [label])];
}
