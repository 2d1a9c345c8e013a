import { itemsAt, nodeAt, textAt } from "../../manifest/manifest-node.ts";
import type { Manifest } from "../../manifest/read-manifests.ts";
import { groupAt } from "../config-tree.ts";
import { freeKey } from "../config-tree.ts";
import { camelCase } from "../cue-text.ts";
import type { Draft } from "../draft.ts";
import { lift } from "./lift.ts";
import { partOf } from "./part.ts";

/** Takes the ports of a Service from the values. */
export function liftService(draft: Draft, manifest: Manifest): void {
  const ports = itemsAt(manifest.node, "spec", "ports");
  if (ports.length === 0) return;
  const section = partOf(draft, manifest, "service", "services");
  groupAt(draft.config, section).doc = `Service ${manifest.ref.name}.`;
  for (const item of ports) {
    const port = nodeAt(item, "port");
    if (port?.kind !== "number") continue;
    const name = textAt(item, "name") ?? `port${port.value}`;
    const inPorts = [...section, "ports"];
    lift(draft, port, {
      path:
        ports.length === 1
          ? [...section, "port"]
          : [...inPorts, freeKey(groupAt(draft.config, inPorts), camelCase(name), "Port")],
      doc: ports.length === 1 ? "Port of the Service." : `Port ${name} of the Service.`,
      type: "core.#Port",
    });
    groupAt(draft.config, ports.length === 1 ? section : inPorts).doc ||= "Ports of the Service.";
  }
}
