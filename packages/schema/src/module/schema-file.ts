import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { objectMembers, setMember } from "@tenon/core";

import { SchemaError } from "../errors.ts";

/** The schema of a module's own values, in the module's folder. */
export const moduleSchemaFile = "values.schema.json";

// Language servers read it among the comments before the first line of the content.
const modeline = /^((?:[ \t]*(?:#.*)?\r?\n)*?)# *yaml-language-server:.*$/;

/** Writes a schema as people read it. */
export async function writeSchemaFile(file: string, schema: string): Promise<void> {
  await writeFile(file, `${JSON.stringify(JSON.parse(schema), undefined, 2)}\n`);
}

/**
 * Writes a schema beside a values file and names it in the file, so that editors complete and check it:
 * YAML language servers read a comment, JSON editors the field `$schema`. A file that is not there is
 * begun.
 *
 * @returns the path of the schema
 * @throws SchemaError `SCHEMA_VALUES_INVALID` for other files than YAML and JSON, and for JSON that
 * does not parse
 */
export async function writeSchemaFor(file: string, schema: string): Promise<string> {
  const { dir, name, ext } = path.parse(file);
  const nameIn = { ".yaml": nameInYaml, ".yml": nameInYaml, ".json": nameInJson }[
    ext.toLowerCase()
  ];
  if (nameIn === undefined) {
    throw cannotName(file, "not a YAML or JSON file", {
      hint: "CUE files are checked by CUE; give a file that ends in .yaml, .yml or .json",
    });
  }
  const schemaFile = `${name}.schema.json`;
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const named = nameIn(text, schemaFile, file);
  await writeSchemaFile(path.join(dir, schemaFile), schema);
  if (named !== text) await writeFile(file, named);
  return path.join(dir, schemaFile);
}

function nameInYaml(text: string, schemaFile: string): string {
  const line = `# yaml-language-server: $schema=${schemaFile}`;
  if (modeline.test(text)) return text.replace(modeline, (_, before: string) => before + line);
  return `${line}\n\n${text.trim() === "" ? "values: {}\n" : text}`;
}

function nameInJson(text: string, schemaFile: string, file: string): string {
  const value = JSON.stringify(schemaFile);
  if (text.trim() === "") return `{\n  "$schema": ${value},\n  "values": {}\n}\n`;
  if (!isObject(text)) {
    throw cannotName(file, "not a JSON object", { hint: 'Begin it with {"values": {}}' });
  }
  const members = objectMembers(text, [])!;
  if (members.some(([name]) => name === "$schema")) return setMember(text, ["$schema"], value);
  const field = `\n  "$schema": ${value}${members.length > 0 ? "," : "\n"}`;
  return text.replace("{", () => `{${field}`);
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function cannotName(file: string, reason: string, options: { hint: string }): SchemaError {
  return new SchemaError(
    "SCHEMA_VALUES_INVALID",
    `Cannot name a schema in ${file}: ${reason}`,
    options,
  );
}
