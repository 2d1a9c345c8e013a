import { groupOf } from "@tenon/core";

import {
  itemsAt,
  type ManifestMap,
  type ManifestNode,
  nodeAt,
  type Step,
  textAt,
} from "../../manifest/manifest-node.ts";
import type { Manifest } from "../../manifest/read-manifests.ts";
import { freeKey, groupAt } from "../config-tree.ts";
import { camelCase } from "../cue-text.ts";
import type { Draft } from "../draft.ts";
import { shortName } from "../plan-instance.ts";
import { liftEnvironment } from "./environment.ts";
import { liftImage } from "./image.ts";
import { lift, type Lifted } from "./lift.ts";
import { liftResources } from "./resources.ts";
import { liftClaimTemplates } from "./storage.ts";

const templatePaths: Readonly<Record<string, readonly Step[]>> = {
  "/Pod": ["spec"],
  "/ReplicationController": ["spec", "template", "spec"],
  "apps/DaemonSet": ["spec", "template", "spec"],
  "apps/Deployment": ["spec", "template", "spec"],
  "apps/ReplicaSet": ["spec", "template", "spec"],
  "apps/StatefulSet": ["spec", "template", "spec"],
  "batch/CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
  "batch/Job": ["spec", "template", "spec"],
};

/** Tells whether the object runs pods, or is a custom resource that may. */
export function isWorkload(manifest: Manifest): boolean {
  return podSpecPath(manifest) !== undefined || isCustomWorkload(manifest);
}

/** Takes replicas, images, resources and environment of a workload from the values. */
export function liftWorkload(draft: Draft, manifest: Manifest): void {
  const { node, ref } = manifest;
  const what = `${ref.kind} ${ref.name}`;
  const section = sectionOf(draft, manifest);
  const path = podSpecPath(manifest);
  if (path === undefined) {
    const spec = nodeAt(node, "spec") as ManifestMap;
    liftContainer(draft, spec, { section, what, withPolicy: false });
  }
  for (const [index, container] of containersOf(path && nodeAt(node, ...path)).entries()) {
    const name = textAt(container, "name") ?? `container${index}`;
    liftContainer(draft, container, {
      section: index === 0 ? section : containerSection(draft, section, name),
      what: `container ${name} of ${what}`,
      withPolicy: true,
    });
  }
  liftAt(draft, manifest, ["spec", "replicas"], {
    path: [...section, "replicas"],
    doc: `Number of pods of ${what}.`,
    type: "int & >=0",
  });
  liftAt(draft, manifest, ["spec", "schedule"], {
    path: [...section, "schedule"],
    doc: `When ${what} runs, as cron knows it.`,
    type: "string",
  });
  if (ref.kind === "StatefulSet") liftClaimTemplates(draft, manifest, section);
}

interface ContainerOptions {
  readonly section: readonly string[];
  readonly what: string;
  readonly withPolicy: boolean;
}

function liftContainer(draft: Draft, container: ManifestMap, options: ContainerOptions): void {
  const { section, what, withPolicy } = options;
  liftImage(draft, container, {
    path: [...section, "image"],
    doc: `Image of ${what}.`,
    withPolicy,
  });
  liftEnvironment(draft, container, {
    path: [...section, "env"],
    doc: `Environment variables of ${what} with plain values.`,
    owner: what,
  });
  liftResources(draft, container, {
    path: [...section, "resources"],
    doc: `What ${what} is guaranteed and what it may use at most.`,
  });
}

function liftAt(draft: Draft, { node }: Manifest, path: readonly Step[], lifted: Lifted): void {
  const found = nodeAt(node, ...path);
  if (found !== undefined) lift(draft, found, lifted);
}

/** Where the values of a workload are: at the top if it is the only one. */
function sectionOf(draft: Draft, { ref }: Manifest): readonly string[] {
  if (draft.manifests.filter(isWorkload).length === 1) return [];
  const key = freeKey(draft.config, camelCase(shortName(ref.name, draft.plan)), ref.kind);
  groupAt(draft.config, [key]).doc = `Values of ${ref.kind} ${ref.name}.`;
  return [key];
}

function containerSection(draft: Draft, section: readonly string[], name: string): string[] {
  const parent = groupAt(draft.config, section);
  return [...section, freeKey(parent, camelCase(name), "Container")];
}

function podSpecPath({ ref }: Manifest): readonly Step[] | undefined {
  return templatePaths[`${groupOf(ref.apiVersion)}/${ref.kind}`];
}

function isCustomWorkload({ isBuiltIn, node }: Manifest): boolean {
  const replicas = nodeAt(node, "spec", "replicas")?.kind === "number";
  return !isBuiltIn && (replicas || textAt(node, "spec", "image") !== undefined);
}

/** The containers, those that run with the pod before those that prepare it. */
function containersOf(pods: ManifestNode | undefined): ManifestMap[] {
  return [...itemsAt(pods, "containers"), ...itemsAt(pods, "initContainers")].filter(
    (item) => item.kind === "map",
  );
}
