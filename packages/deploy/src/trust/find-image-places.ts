import { type KubeObject, formatRef, refOf } from "@tenon/core";

/** An image, and where it stands. */
export interface PlacedImage {
  readonly reference: string;
  /** The object and the field, such as `Deployment/app/web .spec.containers[0].image`. */
  readonly place: string;
}

const containerLists: ReadonlySet<string> = new Set([
  "containers",
  "initContainers",
  "ephemeralContainers",
]);

/**
 * Finds where images stand in objects: the fields that hold one of the known references, and the images
 * of containers. A known image that stands in no field by itself has the place `configuration`.
 */
export function findImagePlaces(
  known: readonly string[],
  objects: readonly KubeObject[],
): PlacedImage[] {
  const found: PlacedImage[] = [];
  const references = new Set(known);
  for (const object of objects) {
    walk(object.view, [], (reference, path) => {
      if (!references.has(reference) && !isContainerImage(path)) return;
      found.push({ reference, place: `${formatRef(refOf(object))} ${pathText(path)}` });
    });
  }
  const placed = new Set(found.map(({ reference }) => reference));
  const rest = known.filter((reference) => !placed.has(reference));
  return [...found, ...rest.map((reference) => ({ reference, place: "configuration" }))];
}

type Path = readonly (string | number)[];

function walk(value: unknown, path: Path, visit: (text: string, path: Path) => void): void {
  if (typeof value === "string") return visit(value, path);
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    walk(child, [...path, Array.isArray(value) ? Number(key) : key], visit);
  }
}

function isContainerImage(path: Path): boolean {
  const [list, index, field] = path.slice(-3);
  return field === "image" && typeof index === "number" && containerLists.has(String(list));
}

function pathText(path: Path): string {
  return path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
}
