import { formatRef } from "@tenon/core";
import type { ImportedModule } from "@tenon/schema";

import type { CommandContext } from "../../context.ts";
import { type Command, defineCommand } from "../../define-command.ts";
import { clusterFlags } from "../../global-flags.ts";

export const importManifests: Command = defineCommand({
  name: "mod import",
  summary: "Make a module of existing manifests",
  description:
    "Makes a module in a new folder whose templates are the given Kubernetes manifests: images, replicas,\nresources, environment, ports, hosts and the like become values with the manifests' own as defaults,\nand names follow the instance. Nothing is written unless the module, with these defaults, renders\nwhat the manifests are. Values of Secrets do not go into the module: they have to be given.",
  args: [
    {
      name: "source",
      summary: "File of manifests, folder of .yaml and .json files, or - for standard input",
      required: true,
      complete: "file",
    },
    {
      name: "path",
      summary: "Folder in which the module's folder is made",
      default: ".",
      complete: "directory",
    },
  ],
  flags: {
    name: {
      type: "string",
      summary: "Name of the module; what the names of most objects begin with unless given",
    },
    namespace: {
      ...clusterFlags.namespace,
      summary: "Namespace of objects that name none; the one that most others are in unless given",
    },
    secrets: {
      type: "string",
      value: "file",
      complete: "file",
      summary: "New values file to write the values of Secrets to, for its owner's eyes only",
    },
  },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Make a module of a file", line: "tenon mod import shop.yaml" },
    {
      about: "Make the module shop in ./modules of a folder, with its Secrets in a file apart",
      line: "tenon mod import ./manifests ./modules --name shop --secrets shop-secrets.yaml",
    },
    {
      about: "Make a module of what a chart renders",
      line: "helm template shop ./chart | tenon mod import - --name shop",
    },
  ],
  async run({ args, flags }, context) {
    const { findManifests, importModule } = await import("@tenon/schema");
    const files = await findManifests(args.source, context.io.stdin);
    const { engine } = await context.deploy();
    const request = {
      files,
      name: flags.name,
      dir: args.path,
      namespace: flags.namespace,
      secretsFile: flags.secrets,
    };
    const imported = await importModule(engine, request, { signal: context.signal });
    warn(imported, flags.secrets, context);
    return { data: imported, text: textOf(imported, context) };
  },
});

function warn(
  { dropped, notes, secrets }: ImportedModule,
  secretsFile: string | undefined,
  { talk }: CommandContext,
): void {
  for (const { object, paths } of dropped) {
    talk.say(`left out of ${formatRef(object)}: ${paths.join(", ")}`);
  }
  for (const note of notes) talk.warn(note);
  if (secrets.length > 0) {
    const place =
      secretsFile === undefined ? "--secrets FILE writes them" : `they are in ${secretsFile}`;
    talk.warn(`values of Secrets have to be given: ${secrets.join(", ")}; ${place}`);
  } else if (secretsFile !== undefined) {
    talk.say(`${secretsFile} is not written: no manifest is a Secret with values`);
  }
}

function textOf({ path, instance, objects }: ImportedModule, { paint }: CommandContext): string {
  return [
    ...objects.map((ref) => `${paint.cyan(formatRef(ref))} ${paint.green("rendered as it is")}`),
    `module made at ${path}: its instance ${instance.name} in namespace ${instance.namespace} is what the manifests are`,
  ].join("\n");
}
