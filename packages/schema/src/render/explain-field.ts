import {
  type KubeObject,
  type ObjectRef,
  type Position,
  formatRef,
  refOf,
  suggest,
} from "@tenon/core";
import type { Engine, TraceStep } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { overlaySchemaFile } from "../module/overlay-schema.ts";
import { patchObjects } from "../patch/patch-objects.ts";
import { type Patch, pathInPatch } from "../patch/path-in-patch.ts";
import { inModule } from "./build-failure.ts";
import { appendSelector } from "./cue-path.ts";
import { type RenderRequest, evaluateModule, evaluationOf, labelOf } from "./evaluate-module.ts";
import { hideNeighbours, hideValue, isSecretField } from "./hide-secrets.ts";
import { isCalled } from "./is-called.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { renderInstance } from "./render-instance.ts";

/** Where a field of a rendered object comes from. */
export interface FieldExplanation {
  readonly object: ObjectRef;
  /** Keys and list positions from the root of the object. */
  readonly path: readonly (string | number)[];
  /** Its value as JSON text; that of Secrets is masked. */
  readonly value: string;
  /** What the comments at the places say, those of the module before those of libraries. */
  readonly doc?: string | undefined;
  /** Every place that contributes, from the object on down to the values. */
  readonly places: readonly FieldPlace[];
  /** CUE path of the value in the patch that has it, among the fields of the instance in its bundle. */
  readonly patchPath?: string | undefined;
}

/**
 * Who wrote a place: the values of the user, those of the module, its templates, or a library; in a
 * bundle its values, a value of a runtime, or a patch.
 */
export type FieldLayer =
  | "patch"
  | "runtime"
  | "bundle"
  | "values"
  | "module values"
  | "module"
  | "library";

/** A place that contributes to a field. */
export interface FieldPlace {
  readonly position: Position;
  readonly layer: FieldLayer;
  /** The CUE path that stands there in place of a value. */
  readonly refers?: string | undefined;
  /** The value of the field is the one of this place. */
  readonly decides: boolean;
}

/**
 * Finds out where the value of a field of a rendered object comes from.
 *
 * @param wanted.object `Kind/name` or `Kind/namespace/name`
 * @param wanted.field such as `.spec.containers[0].image` or `.metadata.labels["a/b"]`
 * @param wanted.patches what a bundle changes in the objects
 * @throws SchemaError `SCHEMA_FIELD_NOT_FOUND`, and as `renderInstance` and `patchObjects`
 */
export async function explainField(
  engine: Engine,
  request: RenderRequest,
  wanted: {
    readonly object: string;
    readonly field: string;
    readonly patches?: readonly Patch[] | undefined;
  },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FieldExplanation> {
  const rendered = await renderInstance(engine, request, options);
  const label = `instance ${request.name}`;
  const { sets, paths, patches } = await patchObjects(rendered, wanted.patches ?? [], label);
  const objects = sets.flatMap((set) => set.objects);
  const object = objectOf(objects, wanted.object, labelOf(request));
  const path = parseField(wanted.field);
  const value = valueAt(object, path);
  const trace = [path.reduce<string>(appendSelector, paths.get(object) ?? "")];
  const evaluation = { ...evaluationOf(request), outputs: [], trace };
  const { traced } = await evaluateModule(engine, request, evaluation, options);
  const steps = (traced[0] ?? []).filter(
    ({ position }) => !position.file.endsWith(overlaySchemaFile),
  );
  const secret = isSecretField(refOf(object), path);
  const userFiles = new Set((request.values ?? []).map(({ name }) => name));
  const layerOf = ({ position: { file } }: TraceStep): FieldLayer => {
    if (userFiles.has(file)) return "values";
    if (file.startsWith("cue.mod/")) return "library";
    return /(^|\/)(values|images|debug_values)\.cue$/.test(file) ? "module values" : "module";
  };
  const patch = patches?.get(object);
  const patchPath = patch && pathInPatch(object, patch, path);
  const deciding = patchPath === undefined ? decidingStep(steps, layerOf) : undefined;
  return {
    patchPath,
    object: refOf(object),
    path,
    value: JSON.stringify(value),
    doc: docOf(steps, layerOf),
    places: oneForEachLine(steps, deciding).map((step) => {
      const position = inModule(step.position, request.module.root, [...userFiles]);
      return {
        position: secret ? hideValue(position) : hideNeighbours(position),
        layer: layerOf(step),
        refers: step.refers,
        decides: step === deciding,
      };
    }),
  };
}

/** A line says the same however many of its expressions contribute. */
function oneForEachLine(
  steps: readonly TraceStep[],
  deciding: TraceStep | undefined,
): readonly TraceStep[] {
  const lines = new Map<string, TraceStep>();
  for (const step of steps) {
    const line = `${step.position.file}:${step.position.line}`;
    if (!lines.has(line) || step === deciding) lines.set(line, step);
  }
  return [...lines.values()];
}

const layers: readonly FieldLayer[] = ["values", "module values", "module", "library"];

/** A value wins over a default, and the outer layer over the inner. */
function decidingStep(
  steps: readonly TraceStep[],
  layerOf: (step: TraceStep) => FieldLayer,
): TraceStep | undefined {
  const own = steps.filter(({ refers }) => refers === undefined);
  for (const gives of ["value", "default"]) {
    for (const layer of layers) {
      const found = own.find((step) => step.gives === gives && layerOf(step) === layer);
      if (found !== undefined) return found;
    }
  }
  return own.find(({ position }) => position.lineText?.includes("@tag("));
}

function docOf(
  steps: readonly TraceStep[],
  layerOf: (step: TraceStep) => FieldLayer,
): string | undefined {
  const inOrder = layers.flatMap((layer) => steps.filter((step) => layerOf(step) === layer));
  return inOrder.find(({ doc }) => doc !== undefined)?.doc;
}

function objectOf(objects: readonly KubeObject[], text: string, label: string): KubeObject {
  const [object, ...more] = objects.filter(isCalled(text));
  if (object !== undefined && more.length === 0) return object;
  const all = objects.map((each) => formatRef(refOf(each)));
  const reason =
    object === undefined ? `has no object ${text}` : `has ${text} in several namespaces`;
  throw new SchemaError("SCHEMA_FIELD_NOT_FOUND", `Cannot explain ${text}: ${label} ${reason}`, {
    hint: `It has ${all.join(", ") || "none"}`,
  });
}

const selector = /\.?([^.[\]"\s]+)|\.?"((?:[^"\\]|\\.)*)"|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;

function parseField(text: string): (string | number)[] {
  const path: (string | number)[] = [];
  selector.lastIndex = 0;
  while (selector.lastIndex < text.length) {
    const match = selector.exec(text);
    if (match === null) {
      throw new SchemaError("SCHEMA_FIELD_NOT_FOUND", `Cannot explain ${text}: it is no path`, {
        hint: 'Write it like .spec.containers[0].image or .metadata.labels["example.com/a"]',
      });
    }
    const [, plain, quoted, index, bracketed] = match;
    if (index !== undefined) path.push(Number(index));
    else path.push(plain ?? (JSON.parse(`"${quoted ?? bracketed}"`) as string));
  }
  return path;
}

function valueAt(object: KubeObject, path: readonly (string | number)[]): unknown {
  const name = formatRef(refOf(object));
  let value: unknown = maskSecrets(object).view;
  let at = "";
  for (const key of path) {
    const fields = typeof value === "object" && value !== null ? value : {};
    if (!Object.hasOwn(fields, key)) {
      const close = suggest(String(key), Object.keys(fields));
      const there = Object.keys(fields).join(", ") || "no fields";
      throw new SchemaError(
        "SCHEMA_FIELD_NOT_FOUND",
        `Cannot explain ${appendSelector(at, key)} of ${name}: there is no such field`,
        { hint: close === undefined ? `There is ${there}` : `Did you mean ${close}?` },
      );
    }
    value = (fields as Readonly<Record<string, unknown>>)[key];
    at = appendSelector(at, key);
  }
  return value;
}
