/** Appends a field or an index to a CUE path. */
export function appendSelector(path: string, selector: string | number): string {
  if (typeof selector === "number") return `${path}[${selector}]`;
  if (path === "") return selector;
  return /^[A-Za-z_$][\w$]*$/.test(selector)
    ? `${path}.${selector}`
    : `${path}.${JSON.stringify(selector)}`;
}
