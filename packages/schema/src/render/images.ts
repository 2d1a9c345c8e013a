/**
 * Finds the image references in an instance's configuration: structs that have `repository`, `tag`,
 * `digest` and `reference` as text contribute their reference.
 *
 * @param config JSON text of `timoni.instance.config`
 * @returns sorted, each once
 */
export function findImages(config: string | undefined): string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { repository, tag, digest, reference } = value as Record<string, unknown>;
    const texts = [repository, tag, digest, reference];
    if (texts.every((text) => typeof text === "string")) found.add(String(reference));
    for (const child of Object.values(value)) walk(child);
  };
  if (config !== undefined) walk(JSON.parse(config));
  return [...found].toSorted();
}
