import type { ManifestMap, ManifestNode } from "../manifest/manifest-node.ts";
import type { Manifest } from "../manifest/read-manifests.ts";
import { type ConfigGroup, configGroup } from "./config-tree.ts";
import type { Text } from "./cue-text.ts";
import type { InstancePlan } from "./plan-instance.ts";

/** Values by name, as a values file has them. */
export interface ValueTree {
  [key: string]: string | ValueTree;
}

/** Without what every JavaScript object has, as keys of Secrets may be called the same. */
export function valueTree(): ValueTree {
  return Object.create(null) as ValueTree;
}

/** A default image, for `images.cue`. */
export interface DraftImage {
  /** Where the image is among the values. */
  readonly path: readonly string[];
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** What containers do that name no policy, or what they all name. */
  readonly pullPolicy: string;
}

/** A module in the making: what is taken from the values in place of what the manifests say. */
export interface Draft {
  readonly plan: InstancePlan;
  readonly manifests: readonly Manifest[];
  readonly config: ConfigGroup;
  /** CUE text in place of values; a list element with no text is left out. */
  readonly expressions: Map<ManifestNode, string>;
  /** Texts in place of texts. */
  readonly texts: Map<ManifestNode, Text>;
  /** CUE text for maps, before their entries. */
  readonly additions: Map<ManifestMap, string[]>;
  readonly images: DraftImage[];
  /** Values of Secrets: the module requires them and does not have them. */
  readonly secrets: ValueTree;
  /** What deserves a look. */
  readonly notes: string[];
}

/** A draft that renders the manifests word for word. */
export function createDraft(plan: InstancePlan, manifests: readonly Manifest[]): Draft {
  return {
    plan,
    manifests,
    config: configGroup(),
    expressions: new Map(),
    texts: new Map(),
    additions: new Map(),
    images: [],
    secrets: valueTree(),
    notes: [],
  };
}
