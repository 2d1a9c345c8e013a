import { type Document, parseDocument } from "yaml";

/** Parses YAML or JSON so that its nodes know where they are. */
export function parseYaml(text: string): Document {
  return parseDocument(text, { keepSourceTokens: false });
}
