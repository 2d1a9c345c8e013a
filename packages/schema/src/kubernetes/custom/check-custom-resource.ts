import { firstAtEachPlace, reportType } from "../check-value.ts";
import type { ObjectProblem } from "../check-value.ts";
import type { Fields } from "../rules/rule.ts";
import type { Cel } from "./cel.ts";
import { checkRulesOfSchema } from "./check-rules-of-schema.ts";
import { type StructureFindings, checkKnown, checkStructure } from "./check-structure.ts";
import type { CustomKind } from "./definitions.ts";
import { fillDefaults } from "./fill-defaults.ts";

/** Compares a custom resource with the schema and the rules of its definition. */
export function checkCustomResource(
  view: Fields,
  { schema, hasStatus }: Extract<CustomKind, { readonly schema: unknown }>,
  options: { readonly cel?: Cel | undefined } = {},
): ObjectProblem[] {
  const problems: ObjectProblem[] = [];
  const found: StructureFindings = {
    problem: (path, message, suggestion) =>
      problems.push({ path, message, ...(suggestion !== undefined && { suggestion }) }),
    expected: (path, expected, value) =>
      reportType({ problems, secret: false }, path, expected, value),
  };
  const { status: _, ...withoutStatus } = view;
  const object = hasStatus ? withoutStatus : view;
  checkKnown(found, object, schema, []);
  const filled = fillDefaults(object, schema);
  checkStructure(found, filled, schema, []);
  // The API server evaluates rules only where the schema is kept to.
  if (problems.length === 0 && options.cel !== undefined) {
    checkRulesOfSchema(found, options.cel, { value: filled, schema, path: [] });
  }
  return firstAtEachPlace(problems);
}
