import type { Manifest } from "../../manifest/read-manifests.ts";
import { freeKey, groupAt } from "../config-tree.ts";
import { camelCase } from "../cue-text.ts";
import type { Draft } from "../draft.ts";
import { shortName } from "../plan-instance.ts";

/** Where the values of an object are: under `one` if it is the only one of its kind, else by its name under `many`. */
export function partOf(draft: Draft, { ref }: Manifest, one: string, many: string): string[] {
  const peers = draft.manifests.filter((other) => other.ref.kind === ref.kind);
  if (peers.length === 1) return [one];
  const group = groupAt(draft.config, [many]);
  group.doc ||= `Values of the objects of kind ${ref.kind}.`;
  return [many, freeKey(group, camelCase(shortName(ref.name, draft.plan)), ref.kind)];
}
