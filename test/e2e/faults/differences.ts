import { isDeepStrictEqual } from "node:util";

/** Where two values differ, a line for each place: the first is what is, the second what should be. */
export function differences(is: unknown, should: unknown, at = ""): string[] {
  if (isDeepStrictEqual(is, should)) return [];
  if (!isRecord(is) || !isRecord(should)) {
    return [`${at}: is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`];
  }
  const keys = new Set([...Object.keys(is), ...Object.keys(should)]);
  return [...keys].flatMap((key) => differences(is[key], should[key], `${at}/${key}`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
