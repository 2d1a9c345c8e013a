import type { LayoutFormat } from "@tenon/oci";

import { usageError } from "../errors.ts";

/** Where commands write an OCI image layout, and as what. */
export const layoutFlags = {
  output: {
    type: "strings",
    short: "o",
    value: "path|format",
    choices: ["text", "json", "yaml"],
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
} as const;

/** What skopeo and Podman call the formats in references. */
const transports = { "oci-archive": "oci-archive", "oci-layout": "oci" } as const;

/** An OCI image layout that is to be written. */
export interface LayoutOutput {
  readonly output: string;
  readonly format: LayoutFormat;
}

/**
 * The layout that {@link layoutFlags} name.
 *
 * @throws CliError `CLI_USAGE`
 */
export function layoutOf(
  command: string,
  flags: { readonly output: readonly string[]; readonly format: LayoutFormat | undefined },
): LayoutOutput {
  const output = outputOf(command, flags.output);
  return { output, format: flags.format ?? formatFor(command, output) };
}

/** What other tools call an artifact in a layout: by its tag, or as the only one. */
export function layoutReference({ output, format }: LayoutOutput, tag?: string): string {
  return [transports[format], output, ...(tag === undefined ? [] : [tag])].join(":");
}

/** The one output that is no format. */
function outputOf(command: string, given: readonly string[]): string {
  const formats: readonly string[] = layoutFlags.output.choices;
  const isFormat = (text: string): boolean => formats.includes(text);
  const [output, ...others] = given.filter((text) => !isFormat(text));
  if (output === undefined || output === "") {
    throw usageError(command, "--output is missing", "Give a file or folder: -o app.tar.");
  }
  if (others.length === 0) return output;
  throw usageError(
    command,
    `--output was given as ${given.join(" and ")}: there is one output, and ${formats.join(", ")} beside it`,
  );
}

/**
 * What a name stands for: an archive if it ends in `.tar`, else a folder.
 *
 * @param what the name is, for messages
 * @throws CliError `CLI_USAGE` for the name of an archive that is compressed
 */
export function formatFor(command: string, output: string, what = "--output"): LayoutFormat {
  if (output.endsWith(".tar")) return "oci-archive";
  const [compressed] = /\.(?:tgz|tar\.\w+)$/.exec(output) ?? [];
  if (compressed === undefined) return "oci-layout";
  throw usageError(
    command,
    `${what} cannot end in ${compressed}: archives are not compressed`,
    "Name it .tar, for its layers are compressed.",
  );
}
