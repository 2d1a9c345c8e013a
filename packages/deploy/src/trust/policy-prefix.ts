import { isTenonError } from "@tenon/core";
import { parseRepository } from "@tenon/oci";
import type { ManifestNode } from "@tenon/schema";

import { type PolicyProblems, textOf } from "./policy-fields.ts";
import { anyPrefix, canonicalHost } from "./trust-policy.ts";

/** Reads a prefix: a registry, a registry with the first parts of a repository, or `*`. */
export function prefixOf(node: ManifestNode, problems: PolicyProblems): string | undefined {
  const text = textOf(node, problems);
  if (text === undefined || text === anyPrefix) return text;
  if (text.includes("://")) {
    const bare = text.replace(/^.*:\/\//, "");
    problems.add(node.at, `a prefix has no scheme: write ${bare}`);
    return undefined;
  }
  const [host = "", ...parts] = text.split("/");
  try {
    const repository = parts.join("/");
    // A repository has two characters at least, and the first part of one may have a single one.
    if (parts.length > 0) parseRepository(repository.length === 1 ? `${repository}0` : repository);
    return [canonicalHost(host), ...parts].join("/");
  } catch (error) {
    if (!isTenonError(error)) throw error;
    const reason = error.message.replace(/^.*?: /s, "");
    problems.add(node.at, `it is no registry with a path: ${reason}`, {
      notes: ["prefixes look like ghcr.io, ghcr.io/org or ghcr.io/org/modules"],
    });
    return undefined;
  }
}
