import { formatRef } from "@tenon/core";

import { type Command, defineCommand } from "../../define-command.ts";
import { clusterFlags } from "../../global-flags.ts";
import { namespaceOf } from "../../namespace.ts";
import { reportFormats } from "../../render/report/report-format.ts";
import { warnAll } from "../../render/warnings.ts";
import {
  rewriteImagesFlag,
  folderArg,
  imagesFlag,
  kubeVersionFlag,
  packageFlag,
  setFlag,
  valuesFlag,
  valuesRequest,
} from "../flags.ts";

const valuesText = {
  default: "default values",
  debug: "debug values",
  files: "the given values",
} as const;

export const vet: Command = defineCommand({
  name: "mod vet",
  aliases: ["lint"],
  summary: "Check a module",
  description:
    "Builds a module and checks what it gives: objects against the Kubernetes API, images, and all that\nwould fail on apply.",
  args: [folderArg],
  flags: {
    "rewrite-images": rewriteImagesFlag,
    namespace: clusterFlags.namespace,
    values: valuesFlag,
    set: setFlag,
    debug: { type: "boolean", summary: "Check with the values of debug_values.cue" },
    name: { type: "string", default: "default", summary: "Name of the instance" },
    package: packageFlag,
    "kube-version": kubeVersionFlag,
    strict: { type: "boolean", summary: "Fail on warnings" },
    images: imagesFlag,
  },
  output: ["text", "json", "yaml", ...reportFormats],
  examples: [
    { about: "Check the module here", line: "tenon mod vet" },
    {
      about: "Check it with other values, and fail on warnings",
      line: "tenon mod vet ./app -f test.yaml --strict",
    },
    { about: "Annotate a pull request from GitHub Actions", line: "tenon mod vet -o github" },
    { about: "Demand that all images are pinned by digest", line: "tenon mod vet --images pinned" },
    {
      about: "Check it for an older Kubernetes",
      line: "tenon mod vet --kube-version 1.33",
    },
  ],
  async run({ args, flags }, context) {
    const { openModule, readValues } = await import("@tenon/deploy/source");
    const { vetModule } = await import("@tenon/deploy/render");
    const values = await readValues(valuesRequest(flags, context));
    const deploy = await context.deploy({ rewriteImages: flags["rewrite-images"] });
    const report = await vetModule(deploy, {
      module: await openModule(deploy, { location: args.path }),
      name: flags.name,
      namespace: await namespaceOf(context),
      values,
      debug: flags.debug,
      package: flags.package,
      kubeVersion: flags["kube-version"],
      strict: flags.strict,
      imageDemand: flags.images,
    });
    context.talk.say(`vetted with ${valuesText[report.valuesUsed]}`);
    warnAll(report.warnings, context);
    const { paint } = context;
    const lines = [
      ...report.objects.map(
        (ref) => `${paint.cyan(formatRef(ref))} ${paint.green("valid resource")}`,
      ),
      ...report.images.map(
        ({ reference, pinned }) =>
          `${paint.cyan(reference)} ${paint.green("valid image")}${pinned ? "" : ` ${paint.yellow("(digest missing)")}`}`,
      ),
      `${paint.cyan(report.module)} ${paint.green("valid module")}`,
    ];
    const { objects, warnings } = report;
    const checked = { passed: objects.map(formatRef), warnings };
    return { data: report, text: lines.join("\n"), checked };
  },
});
