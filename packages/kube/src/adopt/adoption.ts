import type { KubeObjectView, ObjectRef } from "@tenon/core";

import type { FieldConflict } from "../client/api-error.ts";
import type { ApiResource } from "../client/api-resource.ts";
import type { FieldChange } from "../diff.ts";
import type { PreparedObject } from "../prepare.ts";
import type { ForeignTool } from "./foreign-tool.ts";
import type { Foreign } from "./foreign.ts";

/** What adopting does to one object of the render. */
export interface AdoptedObject {
  readonly set: string;
  readonly ref: ObjectRef;
  /** `same`: only who owns its fields changes, and the marks of the owner with that. */
  readonly action: "same" | "changed" | "added";
  /** The field managers whose fields become ours. */
  readonly from: readonly string[];
  /** What changes in it. Secret data is masked. */
  readonly fields: readonly FieldChange[];
  /** Fields that still other managers have set differently. */
  readonly conflicts: readonly FieldConflict[];
  /** Its pods are replaced. */
  readonly restarts: boolean;
  /** It is deleted and created anew, as the module asks for where a field cannot change. */
  readonly recreated: boolean;
  /** What changes in it can only be told when its fields are ours: with both owners it would be invalid. */
  readonly untold?: true | undefined;
}

/** An object of the other tool that the render does not have. */
export interface LeftBehind {
  readonly ref: ObjectRef;
  readonly action: "stays" | "deleted";
  readonly reason?: string | undefined;
}

/** What adopting an instance would do. */
export interface AdoptionPlan {
  readonly instance: string;
  readonly namespace: string;
  readonly tool: ForeignTool;
  /** Such as `Helm release web in apps (revision 3)`. */
  readonly from: string;
  readonly objects: readonly AdoptedObject[];
  readonly leftBehind: readonly LeftBehind[];
  /** The Secrets of the other tool that are deleted when all else is done. */
  readonly records: readonly ObjectRef[];
  /** What the user has to know. */
  readonly notes: readonly string[];
}

/** A plan with what it takes to carry it out. */
export interface Adoption {
  readonly plan: AdoptionPlan;
  readonly foreign: Foreign | undefined;
  readonly objects: readonly PreparedObject[];
  /** Field managers that count as the tool's beside its own. */
  readonly managers: readonly string[];
  readonly leftBehind: readonly {
    readonly entry: LeftBehind;
    readonly resource: ApiResource;
    readonly view: KubeObjectView;
  }[];
}

/** How to adopt. */
export interface AdoptionOptions {
  readonly tool: ForeignTool;
  /** Name that the instance has with the tool, or `namespace/name`; its own name unless given. */
  readonly fromName?: string | undefined;
  /** Field managers that count as the tool's beside its own. */
  readonly managers?: readonly string[] | undefined;
  /** Delete what the tool has and the render has not. */
  readonly prune?: boolean | undefined;
  readonly overwriteOwnership?: boolean | undefined;
  /** Reads the documents of a YAML text: the manifests of Helm are in YAML. */
  readonly parseYaml: (text: string) => readonly unknown[];
  readonly signal?: AbortSignal | undefined;
}
