import { itemsAt, type ManifestNode, nodeAt, textAt } from "../../manifest/manifest-node.ts";
import type { Manifest } from "../../manifest/read-manifests.ts";
import { freeKey, groupAt } from "../config-tree.ts";
import { camelCase } from "../cue-text.ts";
import type { Draft } from "../draft.ts";
import { shortName } from "../plan-instance.ts";
import { lift } from "./lift.ts";

/** Takes size and class of the volumes of a StatefulSet from the values. */
export function liftClaimTemplates(
  draft: Draft,
  { node, ref }: Manifest,
  section: readonly string[],
): void {
  const claims = itemsAt(node, "spec", "volumeClaimTemplates");
  for (const claim of claims) {
    const name = textAt(claim, "metadata", "name") ?? "";
    const parent = [...section, "storage"];
    const path =
      claims.length === 1
        ? parent
        : [...parent, freeKey(groupAt(draft.config, parent), camelCase(name), "Claim")];
    liftClaim(draft, claim, path, `volume ${name} of each pod of ${ref.kind} ${ref.name}`);
  }
}

/** Takes size and class of a volume claim from the values. */
export function liftVolumeClaim(draft: Draft, manifest: Manifest): void {
  const { node, ref } = manifest;
  const volumes = groupAt(draft.config, ["volumes"]);
  volumes.doc = "Volumes that outlive pods.";
  const key = freeKey(volumes, camelCase(shortName(ref.name, draft.plan)), "Claim");
  liftClaim(draft, node, ["volumes", key], `volume ${ref.name}`);
}

function liftClaim(draft: Draft, claim: ManifestNode, path: readonly string[], what: string): void {
  const size = nodeAt(claim, "spec", "resources", "requests", "storage");
  if (size !== undefined && /^[0-9.]+[KMGTPE]?i?$/.test(String("value" in size && size.value))) {
    groupAt(draft.config, path).doc = `The ${what}.`;
    lift(draft, size, {
      path: [...path, "size"],
      doc: "Size. What exists keeps its own.",
      type: "core.#MemoryQuantity",
    });
  }
  const storageClass = nodeAt(claim, "spec", "storageClassName");
  if (storageClass?.kind === "text" && storageClass.value !== "") {
    lift(draft, storageClass, {
      path: [...path, "className"],
      doc: "Storage class.",
      type: "core.#DNSSubdomain",
    });
  }
}
