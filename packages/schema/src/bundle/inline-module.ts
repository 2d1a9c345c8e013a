import type { ModuleFiles } from "../module/read-module.ts";
import type { BundleModule } from "./bundle.ts";

/** The module of objects that a bundle has itself: its values are the objects, in a list `items`. */
export const inlineModule: BundleModule = { url: "inline:objects", version: "1.0.0" };

/** Files of {@link inlineModule}. */
export function inlineModuleFiles(): ModuleFiles {
  return {
    root: "inline objects",
    files: new Map([
      ["cue.mod/module.cue", Buffer.from(moduleFile)],
      ["timoni.cue", Buffer.from(timoniFile)],
      ["values.cue", Buffer.from("package main\n\nvalues: items: [...]\n")],
    ]),
  };
}

const moduleFile = `module: "tenon.dev/inline"
language: version: "v0.14.0"
`;

const timoniFile = `package main

values: close({
	items: [...{
		apiVersion!: string
		kind!:       string
		metadata!: {name!: string, ...}
		...
	}]
})

timoni: {
	apiVersion: "v1alpha1"
	instance: config: metadata: {
		name:      string @tag(name)
		namespace: string @tag(namespace)
	}
	apply: objects: [for object in values.items {object}]
}
`;
