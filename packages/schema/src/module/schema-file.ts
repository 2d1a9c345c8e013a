import { readFile } from "node:fs/promises";
import path from "node:path";

import { indentJson, objectMembers, setMember } from "@tenon/core";
import { stringify } from "yaml";

import { SchemaError } from "../errors.ts";
import { replaceFile } from "../files/replace-file.ts";

/** The schema of a module's own values, in the module's folder. */
export const moduleSchemaFile = "values.schema.json";

// Language servers read it among the comments before the first line of the content.
const modeline = /^((?:[ \t]*(?:#.*)?\r?\n)*?)# *yaml-language-server:.*$/;

/**
 * Writes a schema as people read it.
 *
 * @throws SchemaError `SCHEMA_FILE_INACCESSIBLE`
 */
export async function writeSchemaFile(file: string, schema: string): Promise<void> {
  await replaceFile(file, `${indentJson(schema)}\n`);
}

/**
 * Writes a schema beside a file, of values unless told otherwise, and names it in the file, so that
 * editors complete and check it: YAML language servers read a comment, JSON editors the field `$schema`.
 * A file that is not there is begun with `start`.
 *
 * @returns the path of the schema
 * @throws SchemaError `SCHEMA_VALUES_INVALID` for other files than YAML and JSON, for JSON that does not
 * parse, and where nothing can be written
 */
export async function writeSchemaFor(
  file: string,
  schema: string,
  start: object = { values: {} },
): Promise<string> {
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
    throw unwritable(file, error);
  });
  const named = nameIn({ file, text, schemaFile, start });
  try {
    await writeSchemaFile(path.join(dir, schemaFile), schema);
    if (named !== text) await replaceFile(file, named);
  } catch (error) {
    throw unwritable(file, (error as SchemaError).cause as NodeJS.ErrnoException);
  }
  return path.join(dir, schemaFile);
}

interface Naming {
  readonly file: string;
  readonly text: string;
  readonly schemaFile: string;
  readonly start: object;
}

function nameInYaml({ text, schemaFile, start }: Naming): string {
  const line = `# yaml-language-server: $schema=${schemaFile}`;
  if (modeline.test(text)) return text.replace(modeline, (_, before: string) => before + line);
  return `${line}\n\n${text.trim() === "" ? stringify(start) : text}`;
}

function nameInJson({ file, text, schemaFile, start }: Naming): string {
  const value = JSON.stringify(schemaFile);
  if (text.trim() === "") {
    return `${JSON.stringify({ $schema: schemaFile, ...start }, undefined, 2)}\n`;
  }
  if (!isObject(text)) {
    throw cannotName(file, "not a JSON object", {
      hint: `Begin it with ${JSON.stringify(start)}`,
    });
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

function unwritable(file: string, cause: NodeJS.ErrnoException): SchemaError {
  const reason = cause.code === "ENOENT" ? "no such folder" : String(cause.code);
  return cannotName(file, reason, { hint: "Check the path and who may write there", cause });
}

function cannotName(
  file: string,
  reason: string,
  options: { hint: string; cause?: unknown },
): SchemaError {
  return new SchemaError(
    "SCHEMA_VALUES_INVALID",
    `Cannot name a schema in ${file}: ${reason}`,
    options,
  );
}
