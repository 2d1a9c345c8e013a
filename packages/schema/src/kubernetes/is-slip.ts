/**
 * Tells whether a word becomes another one when a letter is left out, added or replaced, or its case
 * changed. Numbers are told apart: a2 is no slip for a1.
 */
export function isSlip(word: string, other: string): boolean {
  const [a, b] = [word.toLowerCase(), other.toLowerCase()];
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const changed = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return changed.every((part) => part.length <= 1 && !/\d/.test(part));
}
