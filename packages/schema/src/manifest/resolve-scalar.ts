/** What a plain scalar of YAML means; numbers are JSON text. */
export type Scalar =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: string }
  | { readonly kind: "null" };

const words: ReadonlyMap<string, Scalar> = new Map([
  ...spellings({ kind: "boolean", value: true }, "y", "yes", "true", "on"),
  ...spellings({ kind: "boolean", value: false }, "n", "no", "false", "off"),
  ...spellings({ kind: "null" }, "null"),
  ["", { kind: "null" }],
  ["~", { kind: "null" }],
]);

const integer = /^[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
const decimal = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const leastInteger = -(2n ** 63n);
const greatestInteger = 2n ** 64n - 1n;

/**
 * Reads a plain scalar as kubectl does, which is by YAML 1.1 with its own exceptions: `yes` and `on`
 * are true, `0644` is octal, `1_000` is a number; `12:30` and dates stay text.
 *
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/resolve.go
 */
export function resolveScalar(text: string): Scalar {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (/^[.]/.test(text)) return decimalOf(text) ?? { kind: "text", value: text };
  if (!/^[-+0-9]/.test(text)) return { kind: "text", value: text };
  const plain = text.replaceAll("_", "");
  return integerOf(plain) ?? decimalOf(plain) ?? { kind: "text", value: text };
}

function spellings(value: Scalar, ...lower: readonly string[]): (readonly [string, Scalar])[] {
  return lower.flatMap((word) => {
    const title = `${word[0]!.toUpperCase()}${word.slice(1)}`;
    return [word, title, word.toUpperCase()].map((spelling) => [spelling, value] as const);
  });
}

function integerOf(text: string): Scalar | undefined {
  if (!integer.test(text)) return undefined;
  const digits = text.replace(/^[-+]/, "").toLowerCase();
  const amount = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = text.startsWith("-") ? -amount : amount;
  if (value < leastInteger || value > greatestInteger) return undefined;
  return { kind: "number", value: String(value) };
}

function decimalOf(text: string): Scalar | undefined {
  if (!decimal.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? { kind: "number", value: JSON.stringify(value) } : undefined;
}
