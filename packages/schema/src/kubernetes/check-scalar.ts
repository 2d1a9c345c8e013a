import type { ScalarType } from "./schema-files.ts";

type Rule = (value: unknown) => string | undefined;

const rules: Readonly<Record<ScalarType, Rule>> = {
  any: () => undefined,
  boolean: (value) => unless(typeof value === "boolean", "true or false"),
  bytes: (value) => unless(typeof value === "string" && isBase64(value), "base64 text"),
  "int-or-string": (value) =>
    unless(typeof value === "string" || isInteger(value, 31), "a string or an integer of 32 bits"),
  int32: (value) => unless(isInteger(value, 31), "an integer of 32 bits"),
  int64: (value) => unless(isInteger(value, 63), "an integer of 64 bits"),
  integer: (value) => unless(isInteger(value, 63), "an integer"),
  "micro-time": (value) =>
    unless(
      isTime(value, /[.,]\d{6}(Z|.\d\d:\d\d)$/),
      'a time such as "2026-01-31T12:00:00.000000Z"',
    ),
  number: (value) => unless(typeof value === "number", "a number"),
  quantity: (value) => unless(isQuantity(value), 'a quantity such as 0.5, "500m" or "2Gi"'),
  string: (value) => unless(typeof value === "string", "a string"),
  time: (value) => unless(isTime(value), 'a time such as "2026-01-31T12:00:00Z"'),
};

/** What the API server expects where it does not take this value. */
export function expectedScalar(type: ScalarType, value: unknown): string | undefined {
  return rules[type](value);
}

function unless(fits: boolean, expected: string): string | undefined {
  return fits ? undefined : expected;
}

// The parsed view has rounded integers beyond 2^53, so the largest ones are given the benefit of the doubt.
function isInteger(value: unknown, bits: number): boolean {
  if (!Number.isInteger(value)) return false;
  const number = value as number;
  return number >= -(2 ** bits) && (bits < 53 ? number < 2 ** bits : number <= 2 ** bits);
}

function isBase64(text: string): boolean {
  const joined = text.replace(/[\r\n]/g, "");
  return joined.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(joined);
}

// The grammar of k8s.io/apimachinery's ParseQuantity, which reads a missing number as zero.
const quantity = /^[+-]?[0-9]*(\.[0-9]*)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$/;

function isQuantity(value: unknown): boolean {
  if (typeof value !== "string") return typeof value === "number";
  const text = value.trim();
  return text !== "" && quantity.test(text);
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)$/;

function isTime(value: unknown, ending: RegExp = time): boolean {
  return typeof value === "string" && time.test(value) && ending.test(value);
}
