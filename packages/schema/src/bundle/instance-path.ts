import { appendSelector } from "../render/cue-path.ts";

/** CUE path of an instance in its bundle. */
export function instancePath(name: string): string {
  return appendSelector("bundle.instances", name);
}
