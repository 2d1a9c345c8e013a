import type { ExportReport } from "@tenon/deploy";

import { type Command, defineCommand } from "../../define-command.ts";
import { byteCount } from "../../render/byte-count.ts";
import { count } from "../../render/count.ts";
import { warnAll } from "../../render/warnings.ts";
import { platformFlag } from "../artifact/platform-flag.ts";
import { credsFlag, kubeVersionFlag, packageFlag } from "../flags.ts";
import { formatFor } from "../layout-flags.ts";
import { bundleFlags, bundleRequest, lockFlags } from "./bundle-flags.ts";

export const exportCommand: Command = defineCommand({
  name: "bundle export",
  summary: "Write everything that a bundle needs into one file",
  description:
    "Evaluates a bundle for each cluster and writes what it needs into one OCI image layout, a tar archive\nor a folder: its modules and the CUE modules that they require, the images of what they render, all\nsignatures and other manifests that refer to any of it, and beside the bundle the lock file and the\ntrust policy with its keys. `bundle import` brings it to another registry. No cluster is needed, unless\na runtime takes values from it.\n\nA run that was ended is continued by the next one: what was fetched is not fetched again.",
  args: [
    {
      name: "output",
      summary:
        "New file that ends in .tar, or a folder; one with an earlier export is brought up to date",
      required: true,
      complete: "file",
    },
  ],
  flags: {
    ...bundleFlags,
    ...lockFlags,
    since: {
      type: "strings",
      value: "path|url",
      complete: "file",
      summary:
        "Leave out the blobs that an earlier export has, or the registry oci://host/prefix that it was imported to; may be repeated",
    },
    platform: platformFlag,
    creds: credsFlag,
    package: packageFlag,
    "kube-version": kubeVersionFlag,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Take a bundle along", line: "tenon bundle export shop.tar -f bundle.cue" },
    {
      about: "For all clusters of a runtime, and one platform",
      line: "tenon bundle export shop.tar -f bundle.cue -r runtime.cue --platform linux/amd64",
    },
    {
      about: "Take only what is new since the last time",
      line: "tenon bundle export shop-2.tar -f bundle.cue --since shop.tar",
    },
  ],
  async run({ args, flags }, context) {
    const { exportBundle } = await import("@tenon/deploy");
    const { folders, warnings, ...data } = await exportBundle(await context.deploy(), {
      ...bundleRequest(flags, context),
      output: args.output,
      format: formatFor("bundle export", args.output, "OUTPUT"),
      since: flags.since,
      platforms: flags.platform,
      creds: flags.creds,
      package: flags.package,
      kubeVersion: flags["kube-version"],
    });
    warnAll(warnings, context);
    for (const folder of folders) {
      context.talk.warn(`module ${folder} is a folder: take it along with the files of the bundle`);
    }
    return { data: { ...data, folders }, text: exportText(data) };
  },
});

function exportText(report: Omit<ExportReport, "folders" | "warnings">): string {
  const { artifacts, blobs, files, movedBytes, output } = report;
  const known = blobs.known === 0 ? "" : `, ${blobs.known} left out`;
  return [
    ...artifacts.map(
      ({ role, name, digest, referrers }) =>
        `${role} ${name} ${digest}${referrers === 0 ? "" : ` (${count(referrers, "referrer")})`}`,
    ),
    ...files.map((file) => `file ${file}`),
    `exported to ${output}: ${count(artifacts.length, "artifact")}, ${count(blobs.moved, "blob")} fetched (${byteCount(movedBytes)})${known}`,
  ].join("\n");
}
