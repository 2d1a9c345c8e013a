import { type Command, defineCommand } from "../define-command.ts";
import { clusterFlags } from "../global-flags.ts";
import { namespaceOf } from "../namespace.ts";
import { warnAll } from "../render/warnings.ts";
import {
  rewriteImagesFlag,
  kubeVersionFlag,
  moduleArg,
  moduleRequest,
  overwriteFlag,
  renderFlags,
  valuesRequest,
} from "./flags.ts";
import { checkPushFlags, pushFlags, pushRender } from "./push-render.ts";

export const build: Command = defineCommand({
  name: "build",
  aliases: ["template"],
  summary: "Print the Kubernetes objects of an instance",
  description:
    "Unifies a module with values, checks the objects against the Kubernetes API and prints them.\nNothing is printed on stdout when it fails. No cluster is needed.\n\nWith --push they go to a registry as an artifact that Flux and Argo CD apply, and its digest is printed.",
  args: [
    { name: "name", summary: "Name of the instance", required: true },
    { ...moduleArg, required: true },
  ],
  flags: {
    namespace: clusterFlags.namespace,
    ...renderFlags,
    "rewrite-images": rewriteImagesFlag,
    "kube-version": kubeVersionFlag,
    "mask-secrets": { type: "boolean", summary: "Print *** in place of the data of Secrets" },
    ...pushFlags,
    overwrite: overwriteFlag,
  },
  output: ["yaml", "json"],
  examples: [
    { about: "Render a module in the current folder", line: "tenon build app . -n apps" },
    {
      about: "Render a published version with values",
      line: "tenon build app oci://ghcr.io/org/modules/app -v 1.0.0 -f values.yaml",
    },
    {
      about: "Render for an older Kubernetes",
      line: "tenon build app . --kube-version 1.33",
    },
    {
      about: "Set single values",
      line: "tenon build app . --set replicas=3 --set image.tag=1.20",
    },
    {
      about: "Take values from another program",
      line: "echo 'values: replicas: 3' | tenon build app . -f -",
    },
    {
      about: "Have Flux apply what is rendered",
      line: "tenon build app . -n apps --push oci://ghcr.io/org/rendered/app:1.2.0 --emit flux",
    },
  ],
  async run({ args, flags }, context) {
    await checkPushFlags("build", flags);
    // The root of @tenon/deploy would load the registry and cluster clients too.
    const { openModule, readValues } = await import("@tenon/deploy/source");
    const { buildInstance } = await import("@tenon/deploy/render");
    const { maskSecrets, printObjects } = await import("@tenon/schema");
    const values = await readValues(valuesRequest(flags, context));
    const deploy = await context.deploy({ rewriteImages: flags["rewrite-images"] });
    const module = await openModule(deploy, moduleRequest(args.module, flags));
    const namespace = await namespaceOf(context);
    const instance = await buildInstance(deploy, {
      module,
      name: args.name,
      namespace,
      values,
      package: flags.package,
      kubeVersion: flags["kube-version"],
    });
    warnAll(instance.warnings, context);
    const objects = instance.sets.flatMap((set) => set.objects);
    if (flags.push !== undefined) {
      const render = {
        name: args.name,
        instances: [{ name: args.name, namespace, module, objects }],
        source: sourceOf(args.module, flags.values),
      };
      return pushRender(flags.push, render, { deploy, flags }, context);
    }
    const printed = flags["mask-secrets"] ? objects.map(maskSecrets) : objects;
    const format = context.format === "json" ? "json" : "yaml";
    return { raw: await printObjects(deploy.engine, printed, format) };
  },
});

/** What the user has of a render: the module's folder, or the values for a module of a registry. */
function sourceOf(module: string, values: readonly string[]): string | undefined {
  if (!module.startsWith("oci://")) return module.replace(/^file:\/\//, "");
  return values.find((file) => file !== "-");
}
