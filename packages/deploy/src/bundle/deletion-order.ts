import type { BundleMember } from "@tenon/kube";

/**
 * Tells which instances have to be gone before each of them: those that depend on it. What a member
 * depends on goes by name, whatever the namespace.
 */
export function deletionOrder(members: readonly BundleMember[]): Map<string, string[]> {
  const after = new Map(members.map((member) => [keyOf(member), [] as string[]]));
  for (const member of members) {
    for (const needed of members.filter(({ name }) => member.dependsOn.includes(name))) {
      if (needed !== member) after.get(keyOf(needed))!.push(keyOf(member));
    }
  }
  return withoutCycles(after);
}

/** An instance that moved to another namespace has a name twice, which can close a circle. */
function withoutCycles(after: Map<string, string[]>): Map<string, string[]> {
  const stuck = new Set(after.keys());
  for (let size = -1; size !== stuck.size;) {
    size = stuck.size;
    for (const [key, before] of after) {
      if (!before.some((other) => stuck.has(other))) stuck.delete(key);
    }
  }
  return new Map(
    [...after].map(([key, before]) => [
      key,
      stuck.has(key) ? before.filter((other) => !stuck.has(other)) : before,
    ]),
  );
}

/** What tells instances of a bundle apart. */
export function keyOf({ namespace, name }: Pick<BundleMember, "name" | "namespace">): string {
  return `${namespace}/${name}`;
}
