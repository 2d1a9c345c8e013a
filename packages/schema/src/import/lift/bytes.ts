import { entriesAt, type ManifestNode, nodeAt } from "../../manifest/manifest-node.ts";
import type { Manifest } from "../../manifest/read-manifests.ts";
import type { Draft } from "../draft.ts";

/**
 * Writes fields that Kubernetes holds as bytes, and manifests in base64, as bytes of that text: so
 * the CUE definitions of their kinds take them.
 */
export function writeBytes(draft: Draft, { isBuiltIn, node, ref }: Manifest): void {
  if (!isBuiltIn) return;
  const nodes = [
    ...entriesAt(node, "binaryData").map(([, value]) => value),
    ...(ref.kind === "CertificateSigningRequest" ? [nodeAt(node, "spec", "request")] : []),
    ...certificatesIn(node),
  ];
  for (const value of nodes) {
    if (value?.kind !== "text") continue;
    draft.expressions.set(value, `'${JSON.stringify(value.value).slice(1, -1)}'`);
  }
}

/** Those of webhooks, of API services and of conversions. */
function certificatesIn(node: ManifestNode): ManifestNode[] {
  if (node.kind === "list") return node.items.flatMap(certificatesIn);
  if (node.kind !== "map") return [];
  return [...node.entries].flatMap(([key, value]) =>
    key === "caBundle" ? [value] : certificatesIn(value),
  );
}
