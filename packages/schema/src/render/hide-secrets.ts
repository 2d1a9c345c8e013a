import type { Diagnostic, ObjectRef, Position } from "@tenon/core";

const secretWord = String.raw`pass|secret|token|credential|apikey|privatekey|(?:^|_|-)key$`;
const secretKey = new RegExp(secretWord, "i");
const keyAndText = /((?:"[^"]*"|[\w$#-]+)[?!]?\s*:\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g;

/** Tells whether the values of a CUE path are not for terminals and logs, even when they are wrong. */
export function isSecretPath(path: string | undefined): boolean {
  return secretKey.test(path?.split(".").at(-1) ?? "");
}

/** Tells whether a field of an object is not for terminals and logs. */
export function isSecretField({ kind }: ObjectRef, path: readonly (string | number)[]): boolean {
  const isData = path[0] === "data" || path[0] === "stringData";
  return (kind === "Secret" && isData) || isSecretPath(String(path.at(-1)));
}

/** Places of a diagnostic without what is not for terminals and logs. */
export function safePositions(
  { path, secret }: Pick<Diagnostic, "path" | "secret">,
  positions: readonly Position[],
): Position[] {
  const isSecret = secret === true || isSecretPath(path);
  return positions.map(isSecret ? hideValue : hideNeighbours);
}

/** A message without the texts that it quotes. */
export function hideTexts(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '"***"');
}

/** A position in a secret value: of its line only the first key is left. */
export function hideValue(position: Position): Position {
  const { lineText } = position;
  if (lineText === undefined) return position;
  const hidden = lineText.includes(":")
    ? lineText.replace(/(:\s*)\S.*$/, "$1***")
    : lineText.replace(/\S.*$/, "***");
  return { ...position, lineText: hidden };
}

/** A position whose line may hold secrets beside what it points at: they are masked, wherever they stand. */
export function hideNeighbours(position: Position): Position {
  const lineText = position.lineText?.replace(keyAndText, (all, label: string, text: string) =>
    secretKey.test(label.replace(/["?!:\s]/g, "")) ? label + maskOf(text) : all,
  );
  return { ...position, lineText };
}

/** As long as the text, so that what comes after it stays at its column. */
function maskOf(text: string): string {
  return `"${"*".repeat(Math.min(3, text.length - 2))}"`.padEnd(text.length);
}
