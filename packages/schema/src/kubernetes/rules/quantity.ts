import { ownOf } from "./rule.ts";

const units: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  "": 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: 10n ** 9n * 2n ** 10n,
  Mi: 10n ** 9n * 2n ** 20n,
  Gi: 10n ** 9n * 2n ** 30n,
  Ti: 10n ** 9n * 2n ** 40n,
  Pi: 10n ** 9n * 2n ** 50n,
  Ei: 10n ** 9n * 2n ** 60n,
};

const pattern = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*)$/;
const withExponent = /^([+-]?[0-9]*(?:\.[0-9]*)?)[eE]([+-]?[0-9]{1,3})$/;

/**
 * Reads a Kubernetes quantity, such as "500m", "1.5Gi", "1e3" or 2.
 *
 * @returns billionths, rounded up; nothing for what is no quantity
 */
export function parseQuantity(value: unknown): bigint | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value).trim();
  const exponent = withExponent.exec(text);
  if (exponent !== null) return scaled(exponent[1]!, 10n ** 9n, Number(exponent[2]));
  const suffix = pattern.exec(text)?.[4];
  const unit = suffix === undefined ? undefined : ownOf(units, suffix);
  return unit === undefined
    ? undefined
    : scaled(text.slice(0, text.length - suffix!.length), unit, 0);
}

function scaled(digits: string, unit: bigint, exponent: number): bigint | undefined {
  const match = pattern.exec(digits);
  if (match === null || Math.abs(exponent) > 100) return undefined;
  const fraction = match[3] ?? "";
  const numerator =
    BigInt(`${match[2]}${fraction}` || "0") * unit * 10n ** BigInt(Math.max(exponent, 0));
  const denominator = 10n ** BigInt(fraction.length + Math.max(-exponent, 0));
  const size = (numerator + denominator - 1n) / denominator;
  return match[1] === "-" ? -size : size;
}

/** One, in billionths. */
export const one: bigint = 10n ** 9n;
