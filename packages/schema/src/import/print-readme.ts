import type { Draft } from "./draft.ts";

/** `README.md`: how to use the module. The table of its values is not in it yet. */
export function printReadme(draft: Draft, moduleName: string): string {
  const { name, namespace } = draft.plan;
  const objects = draft.manifests.map(({ ref }) => `- ${ref.kind} \`${ref.name}\``);
  const hasSecrets = Object.keys(draft.secrets).length > 0;
  return `# ${moduleName}

This module was made of existing manifests. The instance \`${name}\` in the namespace \`${namespace}\`
is what they were:

${objects.join("\n")}

\`\`\`console
${printCommands(draft, hasSecrets)}
\`\`\`
${hasSecrets ? "\nValues of Secrets are not part of the module: give them in a file that is kept safe.\n" : ""}
| file | what to do with it |
| --- | --- |
| \`cue.mod/module.cue\` | Set a module path under a domain that is yours, here and in the imports. |
| \`timoni.cue\` | Rarely touched: add a set under \`apply\` for objects that have to wait for others. |
| \`templates/config.cue\` | The values that users may set, with defaults and bounds. |
| \`templates/instance.cue\` | The list of the objects. |
| \`templates/*.cue\` | One object each. |
| \`values.cue\` | Values that are not defaults of the schema. |
${draft.images.length > 0 ? "| `images.cue` | The default container images. |\n" : ""}${
    hasSecrets ? "| `debug_values.cue` | Values for `tenon mod vet --debug`. |\n" : ""
  }
## Configuration
`;
}

function printCommands({ plan }: Draft, hasSecrets: boolean): string {
  const given = hasSecrets ? " -f secrets.yaml" : "";
  const instance = `${plan.name} . -n ${plan.namespace}${given}`;
  const commands = [
    [`tenon mod vet${hasSecrets ? " --debug" : ""}`, "check"],
    ["tenon fmt", "format the CUE files"],
    ["tenon mod show config -o README.md", "bring the table below up to date"],
    [`tenon build ${instance}`, "see what would be applied"],
    [`tenon apply ${instance}`, "apply it"],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  return commands.map(([command, about]) => `${command.padEnd(width)}  # ${about}`).join("\n");
}
