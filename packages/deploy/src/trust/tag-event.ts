import type { DeployContext, DeployEvent } from "../context.ts";

/** What a tag did that it should not do: others may be shown something old, or something else. */
export type TagEvent =
  | {
      readonly type: "tag-moved";
      /** `oci://registry/repository:tag` of a released version. */
      readonly reference: string;
      readonly digest: string;
      readonly seen: SeenTag;
    }
  | {
      readonly type: "version-older";
      /** `oci://registry/repository`. */
      readonly repository: string;
      /** `latest`, or a range. */
      readonly asked: string;
      readonly version: string;
      readonly seen: SeenTag;
    };

/** Where a tag pointed to when it was last seen. */
export interface SeenTag {
  readonly digest: string;
  /** The version that the artifact said it is; empty if none. */
  readonly version: string;
  /** When it was first seen to point there, as ISO 8601. */
  readonly at: string;
}

/** A listener that is told of warnings about registries and their tags, and of nothing else. */
export function warningsOnly(onEvent: DeployContext["onEvent"]): DeployContext["onEvent"] {
  return (event) => {
    if (warnings.has(event.type)) onEvent?.(event);
  };
}

const warnings: ReadonlySet<DeployEvent["type"]> = new Set([
  "registry-warning",
  "tag-moved",
  "version-older",
]);
