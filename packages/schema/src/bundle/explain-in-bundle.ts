import type { Position } from "@tenon/core";

import type { FieldExplanation, FieldLayer, FieldPlace } from "../render/explain-field.ts";
import { hideValue, isSecretField } from "../render/hide-secrets.ts";
import { pathInValues } from "./bundle-values.ts";
import type { Bundle, BundleInstance } from "./bundle.ts";

/**
 * Where a field of an instance comes from, with its values and patches told at their places in the
 * files of the bundle.
 */
export async function explainInBundle(
  { locate }: Pick<Bundle, "locate">,
  instance: BundleInstance,
  explained: FieldExplanation,
): Promise<FieldExplanation> {
  const { path, patchPath } = explained;
  const declared = { values: instance.values, path: instance.valuesPath };
  const secret = isSecretField(explained.object, path);
  const given = explained.places.filter(({ layer }) => layer === "values");
  const inBundle = given.map(({ position }) => pathInValues(declared, position));
  const [ofPatch, ...ofValues] = await locate([`${instance.path}.${patchPath ?? ""}`, ...inBundle]);
  const found = new Map(given.map((place, index) => [place, ofValues[index] ?? instance.position]));
  const shown = (position: Position): Position => (secret ? hideValue(position) : position);
  const places = explained.places.flatMap((place): FieldPlace[] => {
    if (!found.has(place)) return [place];
    const position = found.get(place);
    if (position === undefined) return [];
    return [{ ...place, position: shown(position), layer: layerOf(position) }];
  });
  if (patchPath === undefined || ofPatch === undefined) return { ...explained, places };
  const patch: FieldPlace = { position: shown(ofPatch), layer: "patch", decides: true };
  return { ...explained, places: [patch, ...places] };
}

function layerOf({ lineText = "" }: Position): FieldLayer {
  return lineText.includes("@timoni(runtime:") ? "runtime" : "bundle";
}
