/** One scheme of a `WWW-Authenticate` header. Names are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads the challenges of one or many `WWW-Authenticate` headers; what cannot be read is left out. */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  if (header === undefined) return [];
  const text = typeof header === "string" ? header : header.join(", ");
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = text.slice(0, 8192);
  while ((rest = rest.replace(/^[\s,]+/, "")) !== "") {
    const parameter = /^([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/.exec(rest);
    const current = challenges.at(-1);
    if (parameter !== null && current !== undefined) {
      const [whole, name, quoted, plain] = parameter;
      current.parameters[name!.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "";
      rest = rest.slice(whole.length);
      continue;
    }
    const scheme = /^[A-Za-z][\w-]*(?=\s|,|$)/.exec(rest);
    if (scheme === null) break;
    challenges.push({ scheme: scheme[0].toLowerCase(), parameters: {} });
    rest = rest.slice(scheme[0].length);
  }
  return challenges;
}
