import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { type KubeObject, groupOf, versionOf } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";
import type { BuiltInstance } from "@tenon/deploy";

import { type Command, defineCommand } from "../../define-command.ts";
import { CliError } from "../../errors.ts";
import { warnAll } from "../../render/warnings.ts";
import {
  credsFlag,
  kubeVersionFlag,
  overwriteFlag,
  packageFlag,
  rewriteImagesFlag,
} from "../flags.ts";
import { checkPushFlags, pushFlags, pushRender } from "../push-render.ts";
import { bundleFlags, bundleRequest, lockFlags } from "./bundle-flags.ts";

export const build: Command = defineCommand({
  name: "bundle build",
  aliases: ["template"],
  summary: "Print the Kubernetes objects of a bundle",
  description:
    "Evaluates a bundle, renders all its instances and prints their objects, each instance in the order\nof apply. Nothing is printed on stdout when one of them fails. No cluster is\nneeded, unless a runtime takes values from it.\n\nWith --push they go to a registry as an artifact that Flux and Argo CD apply, and its digest is printed.",
  args: [],
  flags: {
    ...bundleFlags,
    ...lockFlags,
    "rewrite-images": rewriteImagesFlag,
    creds: credsFlag,
    package: packageFlag,
    "kube-version": kubeVersionFlag,
    "mask-secrets": { type: "boolean", summary: "Print *** in place of the data of Secrets" },
    "output-dir": {
      type: "string",
      value: "dir",
      complete: "directory",
      summary: "Write a file for each object into a folder for each instance",
    },
    ...pushFlags,
    overwrite: overwriteFlag,
  },
  output: ["yaml", "json"],
  cluster: true,
  examples: [
    { about: "Render a bundle", line: "tenon bundle build -f bundle.cue" },
    {
      about: "Render what one cluster of a runtime would get",
      line: "tenon bundle build -f bundle.cue -r runtime.cue --runtime-cluster staging",
    },
    {
      about: "Write a file for each object",
      line: "tenon bundle build -f bundle.cue --output-dir rendered",
    },
    {
      about: "Have Argo CD apply what is rendered",
      line: "tenon bundle build -f bundle.cue --push oci://ghcr.io/org/rendered/shop:1.2.0 --emit argocd",
    },
  ],
  async run({ flags }, context) {
    await checkPushFlags("bundle build", flags);
    const { buildBundle } = await import("@tenon/deploy");
    const { maskSecrets, printObjects } = await import("@tenon/schema");
    const deploy = await context.deploy({ rewriteImages: flags["rewrite-images"] });
    const { bundle, instances } = await buildBundle(deploy, {
      ...bundleRequest(flags, context),
      creds: flags.creds,
      package: flags.package,
      kubeVersion: flags["kube-version"],
    });
    for (const { warnings } of instances) warnAll(warnings, context);
    if (flags.push !== undefined) {
      const render = {
        name: bundle,
        instances,
        source: flags.file.find((file) => file !== "-"),
      };
      return pushRender(flags.push, render, { deploy, flags }, context);
    }
    const shown = (objects: readonly KubeObject[]): readonly KubeObject[] =>
      flags["mask-secrets"] ? objects.map(maskSecrets) : objects;
    const { engine } = deploy;
    const dir = flags["output-dir"];
    if (dir !== undefined) {
      const count = await writeAll(engine, dir, instances, shown);
      context.talk.say(`wrote ${count} objects of ${instances.length} instances to ${dir}`);
      return { raw: "" };
    }
    if (context.format === "json") {
      const all = instances.flatMap(({ objects }) => shown(objects));
      return { raw: await printObjects(engine, all, "json") };
    }
    const parts: string[] = [];
    for (const { name, objects } of instances) {
      const texts = await engine.format(
        shown(objects).map(({ json }) => json),
        "yaml",
      );
      parts.push(`---\n# Instance: ${name}\n---\n${texts.join("---\n")}`);
    }
    return { raw: parts.join("\n") };
  },
});

/** Writes a file for each object and tells how many there are. */
async function writeAll(
  engine: Engine,
  dir: string,
  instances: readonly BuiltInstance[],
  shown: (objects: readonly KubeObject[]) => readonly KubeObject[],
): Promise<number> {
  for (const { name, objects } of instances) {
    const spaces = new Set(objects.flatMap(({ view }) => view.metadata.namespace || []));
    for (const object of shown(objects)) {
      const [text] = await engine.format([object.json], "yaml");
      await writeInto(path.join(dir, name), fileName(object, spaces.size > 1), text!);
    }
  }
  return instances.reduce((sum, { objects }) => sum + objects.length, 0);
}

async function writeInto(folder: string, file: string, text: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, file), text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError(
      "CLI_OUTPUT_UNWRITABLE",
      `Cannot write ${path.join(folder, file)}: ${String(code)}`,
      { hint: "Give a folder that can be written with --output-dir", cause },
    );
  }
}

/** As `kustomize build -o` and Timoni name it. */
function fileName({ view }: KubeObject, withNamespace: boolean): string {
  const { apiVersion, kind, metadata } = view;
  const parts = [
    withNamespace ? metadata.namespace : undefined,
    groupOf(apiVersion),
    versionOf(apiVersion),
    kind,
    metadata.name,
  ];
  return `${parts.filter(Boolean).join("_").toLowerCase()}.yaml`;
}
