import type { ObjectNames } from "./object-names.ts";

/** `templates/instance.cue`: the list of the objects. */
export function printInstance(names: readonly ObjectNames[]): string {
  const objects = names.map(
    ({ key, definition }) => `\t\t${key}: #${definition} & {#config: config}`,
  );
  return `package templates

// Instance turns the values into Kubernetes objects.
#Instance: {
	config: #Config

	objects: {
${objects.join("\n")}
	}
}
`;
}
