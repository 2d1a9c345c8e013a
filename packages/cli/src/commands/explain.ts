import { readFile } from "node:fs/promises";

import { formatRef, suggest } from "@tenon/core";
import type { FieldExplanation } from "@tenon/schema";

import type { CommandContext } from "../context.ts";
import {
  type Command,
  type CommandResult,
  type RawInput,
  defineCommand,
} from "../define-command.ts";
import { usageError } from "../errors.ts";
import { badInputCodes, exitCodes } from "../exit-code.ts";
import { clusterFlags } from "../global-flags.ts";
import { namespaceOf } from "../namespace.ts";
import { bundleRequest, fromEnvFlag, runtimeFlags, workdirFlag } from "./bundle/bundle-flags.ts";
import { kubeVersionFlag, moduleRequest, renderFlags, valuesRequest } from "./flags.ts";

export const explain: Command = defineCommand({
  name: "explain",
  summary: "Tell where a rendered field comes from, or what an error code means",
  description:
    "With a module, an object and a field: renders the module and lists every place that the value of the\nfield comes from, from the template down to the values; the one that decides is marked. With --bundle the\nsubject is an instance of it, and values of the bundle, of its runtime and patches are told, too.\nWith an error code alone: tells what it means.",
  args: [
    {
      name: "subject",
      summary:
        "Folder of the module, oci://registry/repository, instance of --bundle, or an error code",
      required: true,
      complete: "directory",
    },
    { name: "object", summary: "Kind/name or Kind/namespace/name" },
    { name: "field", summary: "Path of the field, such as .spec.replicas" },
  ],
  flags: {
    namespace: clusterFlags.namespace,
    name: { type: "string", summary: "Name of the instance; app unless given" },
    bundle: {
      type: "strings",
      short: "b",
      split: true,
      value: "file",
      complete: "file",
      summary: "File of the bundle that has the instance; may be repeated",
    },
    ...runtimeFlags,
    "runtime-from-env": fromEnvFlag,
    workdir: workdirFlag,
    "kube-version": kubeVersionFlag,
    ...renderFlags,
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    {
      about: "Find out why there are three pods",
      line: "tenon explain . Deployment/app .spec.replicas -f values.yaml",
    },
    {
      about: "Find out who sets the image of an instance of a bundle",
      line: "tenon explain web Deployment/web '.spec.template.spec.containers[0].image' -b bundle.yaml",
    },
    { about: "Tell more about an error code", line: "tenon explain KUBE_CONFLICT" },
  ],
  async run({ args, flags }, context) {
    const { subject, object, field } = args;
    if (object === undefined && /^[A-Z][A-Z_]+$/.test(subject)) return explainCode(subject);
    if (object === undefined || field === undefined) {
      throw usageError("explain", "Give a module, an object and a field, or an error code alone");
    }
    const { bundle, ...others } = flags;
    checkFlags(flags);
    if (bundle.length > 0) {
      const { explainMember } = await import("@tenon/deploy");
      const request = {
        ...bundleRequest({ ...others, file: bundle }, context),
        instance: subject,
        object,
        field,
        creds: flags.creds,
        package: flags.package,
        kubeVersion: flags["kube-version"],
      };
      return fieldResult(await explainMember(await context.deploy(), request), field, context);
    }
    const { openModule, readValues } = await import("@tenon/deploy/source");
    const { explain: explainField } = await import("@tenon/deploy/render");
    const deploy = await context.deploy();
    const explained = await explainField(deploy, {
      module: await openModule(deploy, moduleRequest(subject, flags)),
      name: flags.name ?? "app",
      namespace: await namespaceOf(context),
      values: await readValues(valuesRequest(flags, context)),
      package: flags.package,
      kubeVersion: flags["kube-version"],
      object,
      field,
    });
    return fieldResult(explained, field, context);
  },
});

/** Flags that say what a bundle says itself. */
const moduleOnly = ["name", "namespace", "values", "set", "version", "digest"];

/** Flags that mean nothing without a bundle. */
const bundleOnly = Object.keys({
  ...runtimeFlags,
  "runtime-from-env": fromEnvFlag,
  workdir: workdirFlag,
});

function checkFlags(flags: RawInput["flags"] & { readonly bundle: readonly string[] }): void {
  const isGiven = (name: string): boolean => {
    const value = flags[name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  };
  if (flags.bundle.length === 0) {
    const idle = bundleOnly.find(isGiven);
    if (idle !== undefined) throw usageError("explain", `--${idle} needs --bundle`);
    return;
  }
  const idle = moduleOnly.find(isGiven);
  if (idle === undefined) return;
  const hint = "The bundle says what its instances are made of.";
  throw usageError("explain", `--${idle} cannot be given with --bundle`, hint);
}

function fieldResult(
  { object, path, value, doc, places }: FieldExplanation,
  field: string,
  { paint }: CommandContext,
): CommandResult {
  const lines = places.flatMap(({ position, layer, decides }) => {
    const { file, line, column, lineText = "" } = position;
    const mark = decides ? paint.green("→") : " ";
    return [
      `${mark} ${paint.cyan(`${file}:${line}:${column}`)} ${paint.dim(`(${layer})`)}`,
      `    ${decides ? paint.bold(lineText.trim()) : lineText.trim()}`,
    ];
  });
  const comment = doc === undefined ? [] : ["", ...doc.split("\n")];
  return {
    data: { object, path, value: JSON.parse(value) as unknown, doc, places },
    text: [`${paint.magenta(formatRef(object))} ${field} is ${value}`, ...lines, ...comment].join(
      "\n",
    ),
  };
}

async function explainCode(code: string): Promise<CommandResult> {
  const file = new URL("../dist/error-codes.json", import.meta.url);
  const meanings = JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, string>>;
  const meaning = meanings[code];
  if (meaning === undefined) {
    const close = suggest(code, Object.keys(meanings));
    const hint = close === undefined ? "" : `; did you mean ${close}?`;
    throw usageError("explain", `There is no error code ${code}${hint}`);
  }
  const exitCode = badInputCodes.has(code) ? exitCodes.badInput : exitCodes.failed;
  return {
    data: { code, meaning, exitCode },
    text: `${code}: ${meaning} Commands that end with it exit with ${exitCode}.`,
  };
}
