import { cueSource, type Engine } from "@tenon/cue-wasm";

import { bundleSchema } from "./bundle-schema.ts";

const source = cueSource(
  new Map(
    Object.entries({
      "cue.mod/module.cue": 'module: "tenon.dev/bundle"\nlanguage: version: "v0.17.0"\n',
      "schema.cue": `package main\n\n${bundleSchema}`,
      "bundle.cue": "package main\n\nbundle: {}\n",
    }).map(([name, text]) => [name, Buffer.from(text)]),
  ),
);

/** A JSON Schema with the parts that are read here. */
interface SchemaJson {
  readonly $defs?: Readonly<Record<string, SchemaJson>>;
  readonly properties?: Readonly<Record<string, SchemaJson>>;
  readonly additionalProperties?: SchemaJson;
  readonly required?: readonly string[];
}

/**
 * The JSON Schema (draft 2020-12) of the file of a bundle. The values of an instance are those of its
 * module where the schema of that is given, else anything.
 *
 * @param modules what `moduleSchema` gives for the modules of instances, by the names of the instances
 * @returns compact JSON text
 * @throws EngineError as `Engine.writeSchema`
 */
export async function bundleJsonSchema(
  engine: Engine,
  modules: ReadonlyMap<string, string>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const result = await engine.writeSchema(
    {
      source,
      package: "main",
      merge: { path: "bundle.cue", field: "bundle" },
      schema: { title: "Bundle", built: "bundle" },
    },
    { ...options, label: "the schema of bundles" },
  );
  if (!result.ok) throw new Error(`The schema of bundles is wrong: ${result.diagnostics[0]?.text}`);
  const file = JSON.parse(result.outputs.get("bundle")!.text!) as SchemaJson;
  return JSON.stringify(withInstances(file, modules));
}

function withInstances(file: SchemaJson, modules: ReadonlyMap<string, string>): SchemaJson {
  const bundle = file.properties!["bundle"]!;
  const instances = bundle.properties!["instances"]!;
  const known = [...modules].map(([name, text]) => {
    const values = JSON.parse(renamed(text, name)) as SchemaJson;
    return { name, values: values.properties!["values"]!, $defs: values.$defs ?? {} };
  });
  const properties = Object.fromEntries(
    known.map(({ name, values }) => [name, instanceOf(instances.additionalProperties!, values)]),
  );
  const $defs = Object.assign({}, file.$defs, ...known.map((one) => one.$defs)) as object;
  return {
    ...file,
    properties: {
      bundle: {
        ...bundle,
        properties: { ...bundle.properties, instances: { ...instances, properties } },
      },
    },
    ...(Object.keys($defs).length > 0 && { $defs }),
  } as SchemaJson;
}

/** Gives the definitions of a module names that those of another have not. */
function renamed(text: string, instance: string): string {
  const { $defs = {}, ...rest } = JSON.parse(text) as SchemaJson;
  const prefixed = Object.entries($defs).map(([name, def]) => [`${instance}.${name}`, def]);
  const moved = { ...rest, $defs: Object.fromEntries(prefixed) as SchemaJson["$defs"] };
  return JSON.stringify(moved, (key, value: unknown) =>
    key === "$ref" && typeof value === "string"
      ? value.replace("#/$defs/", `#/$defs/${instance}.`)
      : value,
  );
}

function instanceOf(any: SchemaJson, values: SchemaJson): SchemaJson {
  const wanted = (values.required ?? []).length > 0 ? ["values"] : [];
  return {
    ...any,
    properties: { ...any.properties, values },
    required: [...(any.required ?? []), ...wanted],
  };
}
