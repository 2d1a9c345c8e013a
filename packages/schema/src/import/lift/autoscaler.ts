import { nodeAt } from "../../manifest/manifest-node.ts";
import type { Manifest } from "../../manifest/read-manifests.ts";
import { groupAt } from "../config-tree.ts";
import type { Draft } from "../draft.ts";
import { lift } from "./lift.ts";
import { partOf } from "./part.ts";

/** Takes the bounds of an autoscaler from the values. */
export function liftAutoscaler(draft: Draft, manifest: Manifest): void {
  const section = partOf(draft, manifest, "autoscaler", "autoscalers");
  const bounds = { minReplicas: "Fewest pods.", maxReplicas: "Most pods." };
  for (const [field, doc] of Object.entries(bounds)) {
    const node = nodeAt(manifest.node, "spec", field);
    if (node === undefined) continue;
    groupAt(draft.config, section).doc = `Autoscaler ${manifest.ref.name}.`;
    lift(draft, node, { path: [...section, field], doc, type: "int & >=1" });
  }
}
