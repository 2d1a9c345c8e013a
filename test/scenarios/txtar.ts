/** Commands with the files that they find, and what they print. */
export interface Scenario {
  readonly about: string;
  readonly command: string;
  readonly files: ReadonlyMap<string, string>;
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

/**
 * Reads a scenario: words about it, lines that begin with `$ `, then files, each after a line
 * `-- NAME --`. The files `stdout`, `stderr` and `exit` are what is expected.
 */
export function parseScenario(text: string): Scenario {
  const parts = text.split(/^-- (.+) --\n/m);
  const head = (parts[0] ?? "").split("\n");
  const files = new Map<string, string>();
  for (let i = 1; i < parts.length; i += 2) files.set(parts[i]!, parts[i + 1] ?? "");
  const take = (name: string): string => {
    const content = files.get(name) ?? "";
    files.delete(name);
    return content;
  };
  return {
    about: head
      .filter((line) => !line.startsWith("$ "))
      .join("\n")
      .trim(),
    command: head
      .filter((line) => line.startsWith("$ "))
      .map((line) => line.slice(2))
      .join("\n"),
    stdout: take("stdout"),
    stderr: take("stderr"),
    exit: Number(take("exit") || 0),
    files,
  };
}

/** Writes a scenario the way {@link parseScenario} reads it. */
export function formatScenario(scenario: Scenario): string {
  const commands = scenario.command.split("\n").map((line) => `$ ${line}\n`);
  const files = [...scenario.files].map(([name, content]) => `-- ${name} --\n${content}`);
  const expected = [
    scenario.stdout && `-- stdout --\n${scenario.stdout}`,
    scenario.stderr && `-- stderr --\n${scenario.stderr}`,
    scenario.exit !== 0 && `-- exit --\n${scenario.exit}\n`,
  ].filter(Boolean);
  return `${scenario.about}\n\n${commands.join("")}${[...files, ...expected].join("")}`;
}
