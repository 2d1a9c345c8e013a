import type { KubeObject } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

/**
 * Prints objects for other tools. YAML: a document each, followed by `---`; JSON: a `List`.
 * No objects print as nothing in YAML.
 */
export async function printObjects(
  engine: Engine,
  objects: readonly KubeObject[],
  format: "yaml" | "json",
): Promise<string> {
  if (format === "yaml") {
    if (objects.length === 0) return "";
    const documents = await engine.format(
      objects.map(({ json }) => json),
      "yaml",
    );
    return documents.map((text) => `${text}---\n`).join("");
  }
  const list = ['    "apiVersion": "v1"', '    "kind": "List"'];
  if (objects.length > 0) {
    const [items] = await engine.format(
      objects.map(({ json }) => json),
      "json",
    );
    list.push(`    "items": ${items?.replaceAll("\n", "\n    ")}`);
  }
  return `{\n${list.join(",\n")}\n}`;
}
