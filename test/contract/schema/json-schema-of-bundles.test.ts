import { createEngine, type Engine } from "@tenon/cue-wasm";
import { bundleJsonSchema, readBundle } from "@tenon/schema";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** As `moduleSchema` writes them, each with a definition of the same name. */
const modules = new Map(
  Object.entries({ web: "integer", api: "string" }).map(([name, type]) => [
    name,
    JSON.stringify({
      properties: {
        values: {
          type: "object",
          properties: { tree: { $ref: "#/$defs/Node" } },
          additionalProperties: false,
          ...(name === "web" && { required: ["tree"] }),
        },
      },
      required: ["values"],
      $defs: {
        Node: {
          type: "object",
          properties: { value: { type }, children: { items: { $ref: "#/$defs/Node" } } },
        },
      },
    }),
  ]),
);

const instance = { module: { url: "file://web" }, namespace: "shop" };

describe("bundleJsonSchema()", () => {
  let engine: Engine;
  let accepts: ValidateFunction;
  beforeAll(async () => {
    engine = await createEngine();
    accepts = new Ajv2020({ strict: false }).compile(
      JSON.parse(await bundleJsonSchema(engine, modules)) as object,
    );
  });
  afterAll(() => engine?.close());

  const isRead = (bundle: object): Promise<boolean> => {
    const content = Buffer.from(JSON.stringify({ $schema: "bundle.schema.json", bundle }));
    return readBundle(engine, { files: [{ name: "bundle.json", content }] }).then(
      () => true,
      () => false,
    );
  };

  it.each([
    [true, {}],
    [true, { instances: { app: { ...instance, values: { any: 1 } } } }],
    [true, { instances: { app: instance }, waves: [{ name: "one", instances: ["app"] }] }],
    [false, { instance: {} }],
    [false, { instances: { app: { ...instance, value: {} } } }],
    [false, { instances: { app: { module: { url: "web" }, namespace: "shop" } } }],
    [false, { instances: { app: { module: { url: "file://web" } } } }],
    [false, { instances: { "my app": instance } }],
    [false, { waves: [{ name: "one", soak: "long" }] }],
  ])("accepts what is a bundle: %s for %j", async (isBundle, fields) => {
    const bundle = { apiVersion: "v1alpha1", name: "shop", ...fields };
    expect([accepts({ bundle }), await isRead(bundle)]).toEqual([isBundle, isBundle]);
  });

  it.each([
    [true, { web: { ...instance, values: { tree: { value: 1, children: [{ value: 2 }] } } } }],
    [true, { api: { ...instance, values: { tree: { value: "a", children: [{ value: "b" }] } } } }],
    [true, { api: instance }],
    [false, { web: instance }],
    [false, { web: { ...instance, values: {} } }],
    [false, { web: { ...instance, values: { tree: { children: [{ value: "a" }] } } } }],
    [false, { api: { ...instance, values: { tree: { children: [{ value: 1 }] } } } }],
    [false, { api: { ...instance, values: { three: {} } } }],
  ])("checks the values of instances: %s for %j", (isValid, instances) => {
    expect(accepts({ bundle: { apiVersion: "v1alpha1", name: "shop", instances } })).toBe(isValid);
  });
});
