// esbuild gives CommonJS packages their names in static imports alone: load this file lazily instead.
import { parse, parseAllDocuments, stringify } from "yaml";

/** Plain data as YAML with sorted keys, as Kubernetes tools print it. */
export function yamlText(data: unknown): string {
  const plain: unknown = JSON.parse(JSON.stringify(data));
  return stringify(plain, { lineWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false });
}

/** Reads a YAML document. */
export function parseYaml(text: string): unknown {
  return parse(text);
}

/** Reads all documents of a YAML text. */
export function parseYamlDocuments(text: string): unknown[] {
  const documents = parseAllDocuments(text);
  return "empty" in documents ? [] : documents.map((document) => document.toJS() as unknown);
}
