import { TenonError } from "./tenon-error.ts";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads a duration as Go writes it (`90s`, `5m`, `1h30m`, `250ms`).
 *
 * @returns milliseconds
 * @throws TenonError `DURATION_INVALID`
 */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    throw new TenonError(
      "DURATION_INVALID",
      `Cannot read duration ${JSON.stringify(text)}: expected a number and a unit`,
      {
        hint: "Write it like 90s, 5m or 1h30m",
      },
    );
  }
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(number) * units[unit!]!;
  }
  return total;
}

/** Writes milliseconds the way {@link parseDuration} reads them, with one unit or two. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))}s`;
  const rest = Math.round(seconds % 60);
  return `${Math.floor(seconds / 60)}m${rest === 0 ? "" : `${rest}s`}`;
}
