import { formatRef, messageOf, printable } from "@tenon/core";
import type { DriftedField, InstanceDrift, ObjectDrift } from "@tenon/kube";

import { type Command, defineCommand } from "../define-command.ts";
import { fieldLines } from "../render/field-changes.ts";
import type { Paint } from "../render/paint.ts";

export const drift: Command = defineCommand({
  name: "drift",
  summary: "Tell what differs from what was applied, and who changed it",
  description:
    "Compares live objects with what the last apply left, field by field, and names the field manager that\nchanged each, where the API server keeps a trace. Nothing is changed; the next `tenon apply` repairs what\ndiffers. Exits with 3 when something differs.",
  args: [{ name: "name", summary: "Name of the instance; all unless given", complete: "instance" }],
  flags: {
    "all-namespaces": {
      type: "boolean",
      short: "A",
      summary: "Compare instances of all namespaces",
    },
    bundle: { type: "string", value: "name", summary: "Compare the instances of a bundle" },
    ignore: {
      type: "strings",
      value: "rule",
      summary: "Leave out fields: Kind/name:path, each with * for any; may be repeated",
    },
    "ignore-manager": {
      type: "strings",
      value: "name",
      summary: "Leave out what this field manager changed; may be repeated",
    },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Compare an instance", line: "tenon drift app -n apps" },
    {
      about: "Leave out replicas, which an autoscaler sets",
      line: "tenon drift app -n apps --ignore 'Deployment/*:spec.replicas'",
    },
    { about: "Compare everything, in a pipeline", line: "tenon drift -A -o json" },
  ],
  async run({ args, flags }, context) {
    const { findDrift } = await import("@tenon/deploy");
    const { instances, broken } = await findDrift(await context.deploy(), {
      cluster: context.cluster(),
      name: args.name,
      namespace: context.globals.namespace,
      allNamespaces: flags["all-namespaces"],
      bundle: flags.bundle,
      ignore: { fields: flags.ignore, managers: flags["ignore-manager"] },
    });
    for (const { name, namespace, error } of broken) {
      context.talk.warn(`instance ${name} in ${namespace}: ${messageOf(error)}`);
    }
    const { paint } = context;
    const lines = instances.flatMap((instance) => instanceLines(instance, paint));
    const differs = instances.some(({ objects }) => objects.length > 0);
    return {
      data: {
        instances: instances.map(instanceData),
        broken: broken.map(({ name, namespace, error: { code, message } }) => ({
          name,
          namespace,
          error: { code, message },
        })),
      },
      text: lines.length === 0 ? "no instances" : lines.join("\n"),
      exitCode: differs ? 3 : 0,
    };
  },
});

function instanceLines(instance: InstanceDrift, paint: Paint): string[] {
  const { name, namespace, objects, compared, unknown } = instance;
  const count = objects.length;
  const result =
    count === 0
      ? paint.green(`no drift in ${compared} objects`)
      : paint.yellow(`${count} of ${compared} objects differ`);
  return [
    ...objects.flatMap((object) => objectLines(object, paint)),
    ...unknown.map(
      (ref) => `${paint.cyan(formatRef(ref))} ${paint.dim("not known: apply the instance once")}`,
    ),
    `instance ${name} in ${namespace}: ${result}`,
  ];
}

function objectLines({ ref, drift: what, fields }: ObjectDrift, paint: Paint): string[] {
  const texts = {
    changed: paint.yellow("changed"),
    missing: paint.red("missing"),
    terminating: paint.red("being deleted"),
    taken: paint.red("no longer carries the labels of the instance"),
  };
  return [
    `${paint.cyan(formatRef(ref))} ${texts[what]}`,
    ...fields.flatMap((field) => [
      ...fieldLines({ path: field.path, before: field.applied, after: field.live }, paint).map(
        (line) => `  ${line}`,
      ),
      `    ${paint.dim(authorText(field))}`,
    ]),
  ];
}

function authorText({ by, live }: DriftedField): string {
  if (by === undefined) return live === undefined ? "removed by unknown" : "by unknown";
  const through = by.subresource === undefined ? "" : ` (${printable(by.subresource)})`;
  const when = by.time === undefined ? "" : ` at ${by.time}`;
  return `by ${printable(by.manager)}${through}${when}`;
}

function instanceData({ objects, unknown, ...rest }: InstanceDrift): unknown {
  return {
    ...rest,
    objects: objects.map(({ ref, ...object }) => ({ ...ref, ...object })),
    unknown,
  };
}
