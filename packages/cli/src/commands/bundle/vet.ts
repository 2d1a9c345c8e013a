import { formatRef } from "@tenon/core";

import { type Command, defineCommand } from "../../define-command.ts";
import { isNamed } from "../../render/bundle-place.ts";
import { reportFormats } from "../../render/report/report-format.ts";
import { warnAll } from "../../render/warnings.ts";
import { credsFlag, imagesFlag, kubeVersionFlag, rewriteImagesFlag } from "../flags.ts";
import { bundleFlags, bundleRequest, lockFlags } from "./bundle-flags.ts";

export const vet: Command = defineCommand({
  name: "bundle vet",
  aliases: ["lint"],
  summary: "Check a bundle",
  description:
    "Evaluates a bundle for each cluster, renders all its instances and checks their objects against the\nKubernetes API, what they depend on, and that no two have the same object. No cluster is needed,\nunless a runtime takes values from it.",
  args: [],
  flags: {
    ...bundleFlags,
    ...lockFlags,
    "rewrite-images": rewriteImagesFlag,
    creds: credsFlag,
    "kube-version": kubeVersionFlag,
    strict: { type: "boolean", summary: "Fail on warnings" },
    images: imagesFlag,
    "print-value": { type: "boolean", summary: "Print the evaluated bundle as CUE" },
  },
  output: ["text", "json", "yaml", ...reportFormats],
  cluster: true,
  examples: [
    { about: "Check a bundle", line: "tenon bundle vet -f bundle.cue" },
    {
      about: "Check it for all clusters of a runtime",
      line: "tenon bundle vet -f bundle.cue -r runtime.cue",
    },
    {
      about: "Demand that all images are pinned, and signed as the trust policy says",
      line: "tenon bundle vet -f bundle.cue --images signed",
    },
    {
      about: "Report to code scanning",
      line: "tenon bundle vet -f bundle.cue -o sarif > bundle.sarif",
    },
    {
      about: "Print what its files give together",
      line: "tenon bundle vet -f bundle.cue -f overrides.cue --print-value",
    },
  ],
  async run({ flags }, context) {
    const { vetBundle } = await import("@tenon/deploy");
    const vetted = await vetBundle(
      await context.deploy({ rewriteImages: flags["rewrite-images"] }),
      {
        ...bundleRequest(flags, context),
        creds: flags.creds,
        kubeVersion: flags["kube-version"],
        strict: flags.strict,
        imageDemand: flags.images,
        printValue: flags["print-value"],
      },
    );
    const { paint } = context;
    const lines = vetted.flatMap(({ cluster, bundle, instances, warnings, value }) => {
      warnAll(warnings, context);
      if (value !== undefined) {
        return [`${isNamed(cluster) ? `${JSON.stringify(cluster)}: ` : ""}bundle: ${value}`];
      }
      const where = isNamed(cluster) ? ` on ${paint.magenta(cluster)}` : "";
      return [
        ...instances.flatMap(({ name, objects, images }) => [
          ...objects.map(
            (ref) =>
              `${paint.magenta(name)} ${paint.cyan(formatRef(ref))} ${paint.green("valid resource")}`,
          ),
          ...images.map(
            (image) => `${paint.magenta(name)} ${paint.cyan(image)} ${paint.green("valid image")}`,
          ),
        ]),
        `${paint.cyan(bundle)}${where} ${paint.green("valid bundle")}`,
      ];
    });
    const checked = {
      passed: vetted.flatMap(({ cluster, instances }) =>
        instances.map(({ name }) => (isNamed(cluster) ? `${name} on ${cluster}` : name)),
      ),
      warnings: vetted.flatMap(({ warnings }) => warnings),
    };
    return { data: vetted, text: lines.join("\n"), checked };
  },
});
