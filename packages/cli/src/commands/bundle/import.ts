import type { ImportReport } from "@tenon/deploy";

import { type Command, defineCommand } from "../../define-command.ts";
import { byteCount } from "../../render/byte-count.ts";
import { count } from "../../render/count.ts";
import { credsFlag, overwriteFlag } from "../flags.ts";

export const importCommand: Command = defineCommand({
  name: "bundle import",
  summary: "Push an exported bundle to another registry",
  description:
    "Pushes all that `bundle export` wrote to a registry, and asks it afterwards for everything again: digests\nstay, so signatures and lock files hold. Each repository goes below the name of the host that it came\nfrom: ghcr.io/org/app to REGISTRY/ghcr.io/org/app, and a port to -PORT. --write-mirrors writes the\nregistries.conf that makes clients look there. Running it again pushes what is missing.",
  args: [
    {
      name: "registry",
      summary: "Where it goes, as oci://host or oci://host/prefix",
      required: true,
    },
    {
      name: "from",
      summary: "The file or folder that `bundle export` wrote",
      required: true,
      complete: "file",
    },
  ],
  flags: {
    "write-mirrors": {
      type: "string",
      value: "file",
      complete: "file",
      summary: "Write a registries.conf that sends clients to the new place",
    },
    files: {
      type: "string",
      value: "dir",
      complete: "directory",
      summary: "Write the files that travelled along, such as tenon.lock, into this folder",
    },
    overwrite: overwriteFlag,
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Bring a bundle to a registry without a way out",
      line: "tenon bundle import oci://registry.example.com/mirror shop.tar --write-mirrors registries.conf",
    },
  ],
  async run({ args, flags }, context) {
    const { importBundle, writeFiles, writeMirrors } = await import("@tenon/deploy");
    const report = await importBundle(await context.registry(), {
      source: args.from,
      target: args.registry,
      overwrite: flags.overwrite,
      creds: flags.creds,
    });
    for (const tag of report.keptTags) {
      context.talk.warn(`tag ${tag} stays as it was: it has signatures that the export lacks`);
    }
    const mirrors = flags["write-mirrors"];
    if (mirrors !== undefined) await writeMirrors(mirrors, report.mirrors);
    if (flags.files !== undefined) await writeFiles(flags.files, report.files);
    const files = report.files.map(({ name }) => name);
    return { data: { ...report, files }, text: importText(report, mirrors) };
  },
});

function importText(report: ImportReport, mirrors: string | undefined): string {
  const { artifacts, blobs, movedBytes, target, verified } = report;
  const named = artifacts.filter(({ role }) => role !== "referrer" && role !== "tag");
  return [
    ...named.map(({ role, to, digest }) => `${role} ${to} ${digest}`),
    `imported to ${target}: ${count(artifacts.length, "manifest")}, ${count(blobs.moved, "blob")} pushed (${byteCount(movedBytes)})`,
    `verified: ${count(verified.manifests, "manifest")}, ${count(verified.blobs, "blob")}`,
    ...(mirrors === undefined ? [] : [`mirrors: ${mirrors}`]),
  ].join("\n");
}
