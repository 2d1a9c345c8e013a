/**
 * Matches one part of a path against a pattern of Go's `filepath.Match`: `*`, `?`, `[a-z]`,
 * `[^a-z]` and `\`. A malformed pattern matches nothing. Takes time linear in both, per star.
 */
export function matchName(pattern: string, name: string): boolean {
  const tokens = tokenize(pattern);
  if (tokens === undefined) return false;
  const characters = Array.from(name);
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < characters.length) {
    const current = tokens[token];
    if (current === "star") {
      [starToken, starAt] = [token, at];
      token++;
    } else if (current?.(characters[at]!) === true) {
      token++;
      at++;
    } else if (starToken >= 0) {
      // Let the last star take one character more.
      starAt++;
      [token, at] = [starToken + 1, starAt];
    } else {
      return false;
    }
  }
  while (tokens[token] === "star") token++;
  return token === tokens.length;
}

type Token = "star" | ((character: string) => boolean);

function tokenize(pattern: string): Token[] | undefined {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === "*") {
      if (tokens.at(-1) !== "star") tokens.push("star");
    } else if (character === "?") {
      tokens.push(() => true);
    } else if (character === "[") {
      const set = readSet(characters, at + 1);
      if (set === undefined) return undefined;
      tokens.push(set.test);
      at = set.end;
    } else {
      const literal = character === "\\" ? characters[++at] : character;
      if (literal === undefined) return undefined;
      tokens.push((given) => given === literal);
    }
  }
  return tokens;
}

interface CharacterSet {
  readonly test: (character: string) => boolean;
  /** Index of the closing bracket. */
  readonly end: number;
}

function readSet(characters: readonly string[], start: number): CharacterSet | undefined {
  const negated = characters[start] === "^";
  const ranges: [number, number][] = [];
  let at = negated ? start + 1 : start;
  while (characters[at] !== "]" || ranges.length === 0) {
    const low = readSetCharacter(characters, at);
    if (low === undefined) return undefined;
    at = low.next;
    let high = low;
    if (characters[at] === "-") {
      const upper = readSetCharacter(characters, at + 1);
      if (upper === undefined) return undefined;
      high = upper;
      at = upper.next;
    }
    ranges.push([low.code, high.code]);
  }
  const test = (character: string): boolean => {
    const code = character.codePointAt(0)!;
    return ranges.some(([low, high]) => code >= low && code <= high) !== negated;
  };
  return { test, end: at };
}

function readSetCharacter(
  characters: readonly string[],
  at: number,
): { code: number; next: number } | undefined {
  const character = characters[at];
  if (character === undefined || character === "-" || character === "]") return undefined;
  if (character !== "\\") return { code: character.codePointAt(0)!, next: at + 1 };
  const escaped = characters[at + 1];
  return escaped === undefined ? undefined : { code: escaped.codePointAt(0)!, next: at + 2 };
}
