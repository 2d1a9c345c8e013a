import { redactUrls } from "@tenon/core";

import { type Command, defineCommand } from "../../define-command.ts";
import { CliError } from "../../errors.ts";
import { folderArg } from "../flags.ts";

export const vendorCrd: Command = defineCommand({
  name: "mod vendor crd",
  aliases: ["crds"],
  summary: "Add the schemas of custom resources to a module",
  description:
    "Turns CustomResourceDefinitions into CUE packages in cue.mod/gen, one for each version:\nGROUP/SINGULAR/VERSION. They come from files, https:// URLs, standard input or a cluster.\nDefaults of the definitions are kept.",
  args: [folderArg],
  flags: {
    file: {
      type: "strings",
      short: "f",
      value: "file",
      complete: "file",
      summary: "YAML or JSON with definitions, an https:// URL, or `-` for stdin; may be repeated",
    },
    "from-cluster": { type: "boolean", summary: "Take the definitions of the cluster" },
    name: {
      type: "strings",
      split: true,
      value: "name",
      summary: "Take the definition of this name alone; may be repeated",
    },
    group: {
      type: "strings",
      split: true,
      value: "group",
      summary: "Take the definitions of this API group alone; may be repeated",
    },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    {
      about: "Add the definitions of a file to the module here",
      line: "tenon mod vendor crd -f crds.yaml",
    },
    {
      about: "Add those of a release",
      line: "tenon mod vendor crd ./app -f https://github.com/cert-manager/cert-manager/releases/download/v1.18.2/cert-manager.crds.yaml",
    },
    {
      about: "Add one that a cluster has",
      line: "tenon mod vendor crd --from-cluster --name certificates.cert-manager.io",
    },
  ],
  async run({ args, flags }, context) {
    if (flags.file.length === 0 && !flags["from-cluster"]) {
      throw new CliError("CLI_USAGE", "Cannot vendor definitions: nothing says where they are", {
        hint: "Give a file with -f, or --from-cluster",
      });
    }
    const { vendorCrds } = await import("@tenon/deploy/crds");
    const packages = await vendorCrds(await context.deploy(), {
      moduleDir: args.path,
      files: flags.file,
      stdin: context.io.stdin,
      fromCluster: flags["from-cluster"],
      names: flags.name,
      groups: flags.group,
      cluster: context.cluster(),
      command: commandLine(flags),
    });
    return {
      data: { path: args.path, packages },
      text: packages.map(({ path }) => `vendored ${path}`).join("\n"),
    };
  },
});

/** What writes the same packages again, as a comment in them: one line, without secrets of URLs. */
function commandLine(flags: {
  readonly file: readonly string[];
  readonly "from-cluster": boolean;
  readonly name: readonly string[];
  readonly group: readonly string[];
}): string {
  const words = [
    "tenon mod vendor crd",
    ...flags.file.map((file) => `-f ${word(redactUrls(file))}`),
    ...(flags["from-cluster"] ? ["--from-cluster"] : []),
    ...flags.name.map((name) => `--name ${word(name)}`),
    ...flags.group.map((group) => `--group ${word(group)}`),
  ];
  return words.join(" ");
}

function word(text: string): string {
  return /^[\w./:@%+=,?&#~*-]+$/.test(text) ? text : JSON.stringify(text);
}
