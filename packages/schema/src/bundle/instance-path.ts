import { appendSelector } from "../render/cue-path.ts";

/** Fields of a bundle that declare instances. */
export type InstanceField = "instances" | "objects";

/** CUE path of an instance in its bundle. */
export function instancePath(field: InstanceField, name: string): string {
  return appendSelector(`bundle.${field}`, name);
}
