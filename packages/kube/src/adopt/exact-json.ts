/** Marks digits that JavaScript cannot hold as a number; no text of an object begins with it. */
const mark = "\u{F0000}exact:";

const tokens = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;
const marked = new RegExp(`"${mark}(-?\\d+)"`, "gu");

/** Parses JSON so that {@link printExact} gives every integer back with all its digits. */
export function parseExact(text: string): unknown {
  if (!/[:[,]\s*-?\d{16,}/.test(text)) return JSON.parse(text);
  const exact = text.replaceAll(tokens, (token) => {
    if (token.startsWith('"')) return token;
    return Number.isSafeInteger(Number(token)) ? token : `"${mark}${token}"`;
  });
  return JSON.parse(exact);
}

/** Prints what {@link parseExact} has parsed. */
export function printExact(
  value: unknown,
  print: (value: unknown) => string = (given) => JSON.stringify(given),
): string {
  return print(value).replaceAll(marked, "$1");
}
