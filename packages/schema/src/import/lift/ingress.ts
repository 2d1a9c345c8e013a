import { itemsAt, type ManifestNode, nodeAt } from "../../manifest/manifest-node.ts";
import type { Manifest } from "../../manifest/read-manifests.ts";
import { freeKey, groupAt } from "../config-tree.ts";
import { camelCase, configRef } from "../cue-text.ts";
import type { Draft } from "../draft.ts";
import { lift } from "./lift.ts";
import { partOf } from "./part.ts";

/** Takes the hosts of an Ingress, and its class, from the values; each host stands there once. */
export function liftIngress(draft: Draft, manifest: Manifest): void {
  const { node, ref } = manifest;
  const section = partOf(draft, manifest, "ingress", "ingresses");
  const nodes = [
    ...itemsAt(node, "spec", "rules").map((rule) => nodeAt(rule, "host")),
    ...itemsAt(node, "spec", "tls").flatMap((tls) => itemsAt(tls, "hosts")),
  ].flatMap((host) => (host?.kind === "text" && host.value !== "" ? [host] : []));
  const className = nodeAt(node, "spec", "ingressClassName");
  if (nodes.length === 0 && className === undefined) return;
  groupAt(draft.config, section).doc = `Ingress ${ref.name}.`;
  liftHosts(draft, nodes, section);
  if (className !== undefined) {
    lift(draft, className, {
      path: [...section, "className"],
      doc: "Class of the controller that serves the Ingress.",
      type: "core.#DNSSubdomain",
    });
  }
}

function liftHosts(
  draft: Draft,
  nodes: readonly Extract<ManifestNode, { kind: "text" }>[],
  section: readonly string[],
): void {
  const paths = new Map<string, readonly string[]>();
  const isOnly = new Set(nodes.map(({ value }) => value)).size === 1;
  for (const node of nodes) {
    const known = paths.get(node.value);
    if (known !== undefined) {
      draft.expressions.set(node, configRef(known));
      continue;
    }
    const path = isOnly ? [...section, "host"] : hostPath(draft, section, node.value);
    paths.set(node.value, path);
    lift(draft, node, {
      path: path as [...string[], string],
      doc: isOnly ? "Host name that is served." : `Host name in place of ${node.value}.`,
      type: "#Host",
    });
  }
}

/** `hosts.shop` of `shop.example.com`, `hosts.wildcard` of `*.example.com`. */
function hostPath(draft: Draft, section: readonly string[], host: string): string[] {
  const group = groupAt(draft.config, [...section, "hosts"]);
  group.doc = "Host names that are served.";
  const [first = ""] = host.split(".");
  return [
    ...section,
    "hosts",
    freeKey(group, first === "*" ? "wildcard" : camelCase(first), "Host"),
  ];
}
