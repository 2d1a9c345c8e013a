import { readFile } from "node:fs/promises";

/** One line of rules.md. */
export interface Rule {
  readonly id: string;
  readonly text: string;
  /** Where it is shown, when that is not the scenario of its name: paths, some with the title of a test. */
  readonly places: readonly Place[];
  /** Why it does not hold yet. */
  readonly reason?: string | undefined;
}

/** A file or folder, and the title of a test in it. */
export interface Place {
  readonly path: string;
  readonly title?: string | undefined;
}

/** Reads the list of rules. */
export async function readRules(file: URL): Promise<Rule[]> {
  const [there = "", notThere = ""] = (await readFile(file, "utf8")).split("\n## Not there yet\n");
  return [
    ...linesOf(there).map((line) => ruleOf(line)),
    ...linesOf(notThere).map((line) => {
      const [, text = line, reason = ""] = /^(.*) \((.*)\)$/.exec(line) ?? [];
      return { ...ruleOf(text), reason };
    }),
  ];
}

function linesOf(part: string): string[] {
  return part.split("\n").filter((line) => line.startsWith("- "));
}

function ruleOf(line: string): Rule {
  const match = /^- `([a-z0-9-]+)`(?: \[V\])?: (.*)$/.exec(line);
  if (match === null) throw new Error(`Expected a rule, not ${line}`);
  const [, id = "", words = ""] = match;
  const [text = "", places = ""] = words.split(" → ");
  return { id, text, places: [...places.matchAll(/([^\s,"]+)(?: "([^"]+)")?/g)].map(placeOf) };
}

function placeOf([, path = "", title]: RegExpMatchArray): Place {
  return { path, title };
}
