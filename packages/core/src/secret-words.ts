import type { ResourceSet } from "./kube-object.ts";

/**
 * The texts that an instance keeps in Secrets, decoded. Wherever they came from, they must not be
 * stored or shown elsewhere.
 */
export function secretWords(sets: readonly ResourceSet[]): string[] {
  const words = new Set<string>();
  for (const { view } of sets.flatMap((set) => set.objects)) {
    if (view.apiVersion !== "v1" || view.kind !== "Secret") continue;
    for (const value of texts(view["stringData"])) words.add(value);
    for (const value of texts(view["data"])) {
      words.add(value);
      words.add(Buffer.from(value, "base64").toString("utf8"));
    }
  }
  words.delete("");
  return [...words];
}

function texts(map: unknown): string[] {
  if (typeof map !== "object" || map === null) return [];
  return Object.values(map).filter((value) => typeof value === "string");
}
