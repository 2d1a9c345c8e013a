import { type Diagnostic, type KubeObject, type ObjectRef, formatRef, refOf } from "@tenon/core";

import { type FieldValue, fieldPath, fieldsAt, parseFieldPath, walkFields } from "./field-paths.ts";

/** Annotation of an object that says where images stand in it, or names them. */
export const OBJECT_IMAGES_ANNOTATION = "tenon.dev/images" as const;

/** Where an image stands. */
export interface ImagePlace {
  readonly object: ObjectRef;
  /** Path of the field, such as `spec.template.spec.containers[0].image`. */
  readonly path: string;
  /** The field is the reference and nothing else: it can be replaced. */
  readonly isWhole: boolean;
}

/** An image of rendered objects. */
export interface FoundImage {
  /** As it is written. */
  readonly reference: string;
  /** None for one that stands in the configuration only. */
  readonly places: readonly ImagePlace[];
}

/** The images of rendered objects. */
export interface ObjectImages {
  /** Sorted by reference, each once. */
  readonly images: readonly FoundImage[];
  /** Annotations that lead to no image, as {@link imageProblems} says, with the objects. */
  readonly problems: readonly Diagnostic[];
}

/**
 * Finds the images of objects: in pod specs wherever they are, in environment variables that begin with
 * `RELATED_IMAGE_`, where the annotation `tenon.dev/images` says so, and where images of the configuration
 * stand in any text.
 *
 * @param known references of images in the configuration, as of `Rendered.images`
 */
export function findObjectImages(
  objects: readonly KubeObject[],
  known: readonly string[],
): ObjectImages {
  const places = new Map<string, ImagePlace[]>(known.map((reference) => [reference, []]));
  const problems: Diagnostic[] = [];
  for (const object of objects) {
    const declared = declaredImages(object);
    const name = formatRef(refOf(object));
    problems.push(
      ...declared.problems.map((text) => ({ text: `${name}: ${text}`, positions: [] })),
    );
    const words = [...known, ...declared.references];
    const found = [...podImages(object), ...declared.fields, ...textImages(object, words)];
    const unseen = declared.references.filter((text) => !found.some((one) => one.text === text));
    for (const { text, path, isWhole } of [...found, ...unseen.map(inAnnotation)]) {
      const at = places.get(text) ?? [];
      if (!at.some((place) => place.path === path && isSame(place.object, object))) {
        at.push({ object: refOf(object), path, isWhole });
      }
      places.set(text, at);
    }
  }
  const images = [...places].map(([reference, at]) => ({ reference, places: at }));
  return {
    images: images.toSorted((a, b) => (a.reference < b.reference ? -1 : 1)),
    problems,
  };
}

/** What in the annotation of an object leads to no image, in words. */
export function imageProblems(object: KubeObject): readonly string[] {
  return declaredImages(object).problems;
}

interface ImageText {
  readonly text: string;
  readonly path: string;
  readonly isWhole: boolean;
}

const containerLists: readonly string[] = ["containers", "initContainers", "ephemeralContainers"];

/** Custom resources have pod specs too, under names of their own: what counts is their form. */
function podImages({ view }: KubeObject): ImageText[] {
  return [...walkFields(view)].flatMap(({ value, path }) => {
    if (typeof value !== "string" || value === "") return [];
    const isImage =
      endsLike(path, [containerLists, "image"]) ||
      endsLike(path, [["volumes"], "image", "reference"]) ||
      isRelatedImage(view, path);
    return isImage ? [{ text: value, path: fieldPath(path), isWhole: true }] : [];
  });
}

/** Tells whether a path ends in a list of one of these names, an item of it, and these fields. */
function endsLike(
  path: FieldValue["path"],
  [lists, ...fields]: readonly [readonly string[], ...string[]],
): boolean {
  const [list, index, ...rest] = path.slice(-(fields.length + 2));
  const isItem = typeof index === "number" && lists.includes(String(list));
  return isItem && rest.length === fields.length && rest.every((step, at) => step === fields[at]);
}

/** How operators are told which images to run: https://sdk.operatorframework.io */
function isRelatedImage(root: unknown, path: FieldValue["path"]): boolean {
  if (path.at(-3) !== "env" || path.at(-1) !== "value") return false;
  const [variable] = fieldsAt(root, [...path.slice(0, -1), "name"]);
  return typeof variable?.value === "string" && variable.value.startsWith("RELATED_IMAGE_");
}

interface DeclaredImages {
  readonly fields: readonly ImageText[];
  readonly references: readonly string[];
  readonly problems: readonly string[];
}

/** What the annotation says: paths of fields, and references, with commas or white space between. */
function declaredImages({ view }: KubeObject): DeclaredImages {
  const text = view.metadata.annotations?.[OBJECT_IMAGES_ANNOTATION];
  if (typeof text !== "string") return { fields: [], references: [], problems: [] };
  const fields: ImageText[] = [];
  const references: string[] = [];
  const problems: string[] = [];
  for (const item of text.split(/[\s,]+/).filter((part) => part !== "")) {
    if (isReference(item)) {
      references.push(item);
      continue;
    }
    const path = parseFieldPath(item);
    const values = path === undefined ? [] : [...fieldsAt(view, path)];
    const found = values.flatMap(imagesAt);
    fields.push(...found);
    if (found.length > 0) continue;
    const why = values.length === 0 ? "names no field" : "names no field with an image";
    problems.push(`${OBJECT_IMAGES_ANNOTATION}: ${JSON.stringify(item)} ${why}`);
  }
  return { fields, references, problems };
}

/** Paths have none of these outside of brackets, and references that are not a single word have one. */
function isReference(item: string): boolean {
  return /[/:@]/.test(item.replace(/\[[^\]]*\]/g, ""));
}

/** The images in a field: a reference, a list of them, or a struct with repository and tag or digest. */
function imagesAt({ value, path }: FieldValue): ImageText[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) =>
      imagesAt({ value: item, path: [...path, index] }),
    );
  }
  if (typeof value === "string") {
    const isWord = value !== "" && !/\s/.test(value);
    return isWord ? [{ text: value, path: fieldPath(path), isWhole: true }] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  const { repository, tag, digest } = value as Readonly<Record<string, unknown>>;
  if (typeof repository !== "string" || repository === "") return [];
  const text = [
    repository,
    typeof tag === "string" && tag !== "" ? `:${tag}` : "",
    typeof digest === "string" && digest !== "" ? `@${digest}` : "",
  ].join("");
  return [{ text, path: fieldPath(path), isWhole: false }];
}

/** Where references stand in texts, such as arguments and files of a ConfigMap. */
function textImages({ view }: KubeObject, references: readonly string[]): ImageText[] {
  const patterns = [...new Set(references)].map((text) => ({
    text,
    pattern: referencePattern([text]),
  }));
  if (patterns.length === 0) return [];
  return [...walkFields(view)].flatMap(({ value, path }) => {
    if (typeof value !== "string" || path.at(-1) === OBJECT_IMAGES_ANNOTATION) return [];
    return patterns
      .filter(({ pattern }) => pattern.test(value))
      .map(({ text }) => ({ text, path: fieldPath(path), isWhole: value === text }));
  });
}

/** Matches references that are no part of a longer one; `//` may stand before them, as in `docker://`. */
export function referencePattern(references: readonly string[], flags = ""): RegExp {
  const literals = references.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const any = `(?:${literals.join("|")})`;
  return new RegExp(String.raw`(?<![\w.@:-]|[^/]/|^/)${any}(?![\w.@:/-])`, flags);
}

function inAnnotation(text: string): ImageText {
  const path = fieldPath(["metadata", "annotations", OBJECT_IMAGES_ANNOTATION]);
  return { text, path, isWhole: false };
}

function isSame(ref: ObjectRef, object: KubeObject): boolean {
  const other = refOf(object);
  return formatRef(ref) === formatRef(other) && ref.apiVersion === other.apiVersion;
}
