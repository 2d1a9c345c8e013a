/**
 * The order of tags in the distribution specification: lexical, without regard to case. Tags that
 * differ in case alone are ordered by it, so that each has one place.
 */
export function compareTags(a: string, b: string): number {
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowerA === lowerB) return a < b ? -1 : Number(a > b);
  return lowerA < lowerB ? -1 : 1;
}
