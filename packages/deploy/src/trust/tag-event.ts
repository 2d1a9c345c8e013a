import type { DeployContext } from "../context.ts";

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

/** A listener that is told of tags and of nothing else. */
export function tagEventsOnly(onEvent: DeployContext["onEvent"]): DeployContext["onEvent"] {
  return (event) => {
    if (event.type === "tag-moved" || event.type === "version-older") onEvent?.(event);
  };
}
