import type { BuildModuleRequest } from "@tenon/deploy";

import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { folderArg } from "../flags.ts";

const formats = ["text", "json", "yaml"] as const;

/** What skopeo and Podman call the formats in references. */
const transports = { "oci-archive": "oci-archive", "oci-layout": "oci" } as const;

export const build: Command = defineCommand({
  name: "mod build",
  summary: "Pack a module into an OCI archive or folder",
  description:
    "Packs the folder of a module as `mod push` does, into an OCI image layout: a folder, or a tar archive\nof one, for what has no registry at hand. It has the digest that it gets in a registry, and the same\nfiles give the same bytes. `mod push` pushes it as it is.\n\nOutput is a file or folder that is not there yet. One whose name ends in .tar is an archive.",
  args: [folderArg],
  flags: {
    version: {
      type: "string",
      short: "v",
      value: "semver",
      required: true,
      summary: "Version of the module",
    },
    output: {
      type: "strings",
      short: "o",
      value: "path|format",
      choices: formats,
      open: true,
      complete: "file",
      summary: "Where it goes (required); given again, the output format",
    },
    format: {
      type: "string",
      value: "layout",
      choices: ["oci-archive", "oci-layout"],
      summary: "An archive or a folder, whatever the name of the output is",
    },
    annotation: {
      type: "strings",
      short: "a",
      value: "key=value",
      summary: "Annotation of the artifact; may be repeated",
    },
  },
  examples: [
    { about: "Build an archive", line: "tenon mod build ./app -v 1.0.0 -o app-1.0.0.tar" },
    {
      about: "Push it later, from where there is a registry",
      line: "tenon mod push app-1.0.0.tar oci://ghcr.io/org/modules/app",
    },
    {
      about: "Build a folder, and take the digest",
      line: "tenon mod build ./app -v 1.0.0 -o dist/app -o json | jq -r .digest",
    },
  ],
  async run({ args, flags }, context) {
    const output = outputOf(flags.output);
    const { buildModule } = await import("@tenon/deploy");
    const { isPacked, ...data } = await buildModule(await context.deploy(), {
      dir: args.path,
      version: flags.version,
      annotations: flags.annotation,
      output,
      format: flags.format ?? formatFor(output),
    });
    if (isPacked) {
      context.talk.warn(
        `${output} is in the folder of the module, and will be packed with it from now on: name it in timoni.ignore`,
      );
    }
    const { format, version, digest } = data;
    const artifact = `${transports[format]}:${output}:${version}`;
    return { data, text: `artifact: ${artifact}\ndigest: ${digest}` };
  },
});

/** The one output that is no format. */
function outputOf(given: readonly string[]): string {
  const isFormat = (text: string): boolean => (formats as readonly string[]).includes(text);
  const [output, ...others] = given.filter((text) => !isFormat(text));
  if (output === undefined || output === "") {
    throw usageError("mod build", "--output is missing", "Give a file or folder: -o app.tar.");
  }
  if (others.length === 0) return output;
  throw usageError(
    "mod build",
    `--output was given as ${given.join(" and ")}: there is one output, and ${formats.join(", ")} beside it`,
  );
}

function formatFor(output: string): BuildModuleRequest["format"] {
  if (output.endsWith(".tar")) return "oci-archive";
  const [compressed] = /\.(?:tgz|tar\.\w+)$/.exec(output) ?? [];
  if (compressed === undefined) return "oci-layout";
  throw usageError(
    "mod build",
    `--output cannot end in ${compressed}: archives are not compressed`,
    "Name it .tar, for its layers are compressed.",
  );
}
