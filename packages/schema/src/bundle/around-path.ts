/** A CUE path and those of all that it is in, the innermost first. Errors write `a.0` for `a[0]`. */
export function aroundPath(at: string): string[] {
  const parts = at.match(/^[^.[]+|\.(?:"(?:[^"\\]|\\.)*"|[^.[]+)|\[\d+\]/g) ?? [at];
  const selectors = parts.map((part) => part.replace(/^\.(\d+)$/, "[$1]"));
  return parts.map((_, index) => selectors.slice(0, parts.length - index).join(""));
}
