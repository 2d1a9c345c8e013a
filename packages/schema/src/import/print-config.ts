import type { ConfigField, ConfigGroup } from "./config-tree.ts";
import { label } from "./cue-text.ts";
import type { Draft } from "./draft.ts";
import { printImports } from "./print-template.ts";

const hostDefinition = `// A host name, with an optional leading *. label.
#Host: =~"^(\\\\*\\\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
`;

/** `templates/config.cue`: the schema of the values. */
export function printConfig(draft: Draft): string {
  const limit = nameLimit(draft);
  const members = [...draft.config.members].map(([key, member]) => printMember(key, member, "\t"));
  const body = `// Config is the schema of the values. \`*a | b\` means b, and a by default; \`!\` marks what has to
// be set. The comments become the module's documentation.
#Config: {
	// Version of Kubernetes, set by the build.
	kubeVersion!: string

	// Oldest version of Kubernetes that the module works with.
	clusterVersion: core.#SemVer & {#Version: kubeVersion, #Minimum: "1.27.0"}

	// Version of the module, set by the build.
	moduleVersion!: string

	// Name and namespace of the instance. Those of its objects follow them.
	metadata: {
		// Name of the instance.
		name!: core.#ServiceName${limit === undefined ? "" : ` & strings.MaxRunes(${limit})`}

		// Namespace of the instance.
		namespace!: core.#InstanceNamespace
	}
${members.map((text) => `\n${text}\n`).join("")}}
`;
  const core = 'core "tenon.dev/core/v1"';
  const imports = limit === undefined ? [core] : ['"strings"', "", core];
  const hosts = body.includes("#Host") ? [hostDefinition] : [];
  return ["package templates", ...printImports(imports), body, ...hosts].join("\n\n");
}

/** What is left of the 63 characters of a Service's name by what follows the instance's. */
function nameLimit({ texts }: Draft): number | undefined {
  const rests = [...texts.values()].map(([first, rest]) =>
    typeof first === "object" && first.metadata === "name" && typeof rest === "string"
      ? rest.length
      : 0,
  );
  const longest = Math.max(0, ...rests);
  return longest === 0 || longest >= 63 ? undefined : 63 - longest;
}

function printMember(key: string, member: ConfigField | ConfigGroup, indent: string): string {
  const doc = member.doc === "" ? "" : `${indent}// ${member.doc}\n`;
  return member.kind === "field"
    ? `${doc}${indent}${label(key, "config")}${member.marker}: ${member.type}`
    : `${doc}${indent}${label(key, "config")}: ${printGroup(member, indent)}`;
}

function printGroup(group: ConfigGroup, indent: string): string {
  const inner = `${indent}\t`;
  const base = group.base === undefined ? "" : `${group.base} & `;
  const members = [...group.members];
  if (members.length === 0) return group.base ?? "{}";
  // Documented members stand apart from each other.
  const gap = members.some(([, { doc }]) => doc !== "") ? "\n\n" : "\n";
  const pattern = group.pattern === undefined ? [] : [`${inner}[${group.pattern}]: string`];
  const lines = [...pattern, ...members.map(([key, member]) => printMember(key, member, inner))];
  return `${base}{\n${lines.join(gap)}\n${indent}}`;
}
