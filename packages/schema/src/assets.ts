/** Folders that the build puts beside this package's code. */
export const assets: Readonly<Record<"kubernetes" | "core" | "blueprint", URL>> = {
  /** CUE packages and OpenAPI schemas of the Kubernetes API. */
  kubernetes: new URL("../dist/kubernetes/", import.meta.url),
  /** The authoring library. */
  core: new URL("../dist/cue/tenon.dev/core/v1/", import.meta.url),
  /** The module that new ones are made of. */
  blueprint: new URL("../dist/blueprint/", import.meta.url),
};
