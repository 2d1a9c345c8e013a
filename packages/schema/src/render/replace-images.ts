import { type KubeObject, kubeObject } from "@tenon/core";

import { findObjectImages, referencePattern } from "./object-images.ts";

/**
 * Puts other references in the place of the images of an object, wherever {@link findObjectImages} finds
 * them: as a field, in a text, and as a struct with a repository. All else stays as it is written.
 *
 * @param known references of images in the configuration, as of `Rendered.images`
 * @param replacements by the reference that stands there now
 */
export function replaceImages(
  object: KubeObject,
  known: readonly string[],
  replacements: ReadonlyMap<string, string>,
): KubeObject {
  const { images } = findObjectImages([object], known);
  const found = images
    .filter(({ reference, places }) => places.length > 0 && replacements.has(reference))
    .map(({ reference }) => reference);
  if (found.length === 0) return object;
  const pattern = referencePattern(found, "g");
  const apart = found.filter((reference) => !object.json.includes(reference));
  const repositories = new Map(
    apart.map((reference) => [repositoryOf(reference), repositoryOf(replacements.get(reference)!)]),
  );
  return replaceTexts(
    object,
    (text) => repositories.get(text) ?? text.replace(pattern, (match) => replacements.get(match)!),
  );
}

/** A reference without its tag and digest. */
function repositoryOf(reference: string): string {
  return reference.replace(/@.*$/, "").replace(/:[^/]*$/, "");
}

/** Replaces values that are texts, not keys, and leaves the rest of the JSON as it is written. */
function replaceTexts(object: KubeObject, replace: (text: string) => string): KubeObject {
  const literals = /("(?:[^"\\]|\\.)*")(\s*:)?/g;
  const json = object.json.replaceAll(literals, (whole, literal: string, colon?: string) => {
    if (colon !== undefined) return whole;
    const text = JSON.parse(literal) as string;
    const other = replace(text);
    return other === text ? whole : JSON.stringify(other);
  });
  return json === object.json ? object : kubeObject(json);
}
