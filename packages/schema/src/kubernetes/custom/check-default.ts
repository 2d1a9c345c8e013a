import type { Findings, Path } from "../rules/rule.ts";
import { checkStructure } from "./check-structure.ts";
import { fillDefaults } from "./fill-defaults.ts";
import type { StructuralSchema } from "./structural-schema.ts";

/** Checks that a default is what its schema takes; it is reported as a whole. */
export function checkDefault(
  found: Findings,
  value: unknown,
  schema: StructuralSchema,
  path: Path,
): void {
  const { default: _, ...own } = schema;
  let first: string | undefined;
  checkStructure(
    {
      problem: (_path, message) => (first ??= message),
      expected: (_path, expected) => (first ??= `expected ${expected}`),
    },
    fillDefaults(value, own),
    own,
    [],
  );
  if (first !== undefined) found.problem(path, `the default does not fit its schema: ${first}`);
}
