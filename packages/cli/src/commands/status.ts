import { formatRef } from "@tenon/core";
import type { StatusName } from "@tenon/kube";

import { type Command, defineCommand } from "../define-command.ts";
import type { Paint } from "../render/paint.ts";

export const status: Command = defineCommand({
  name: "status",
  summary: "Print the state of an instance and its objects",
  description:
    "Prints what was applied last, and the live state of each object. Exits with 3 when an object is\nmissing or not ready, or when the last apply did not come to its end.",
  args: [{ name: "name", summary: "Name of the instance", required: true, complete: "instance" }],
  flags: {},
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Print the state of an instance", line: "tenon status app -n apps" },
    {
      about: "Check it in a script",
      line: "tenon status app -n apps > /dev/null || echo not ready",
    },
  ],
  async run({ args }, context) {
    const { instanceStatus } = await import("@tenon/deploy");
    const { instance, objects, healthy } = await instanceStatus(await context.deploy(), {
      cluster: context.cluster(),
      name: args.name,
      namespace: context.globals.namespace,
    });
    const { paint } = context;
    const { module, lastApplied, state, error, record } = instance;
    const images = record.applied?.images ?? record.pending?.images ?? [];
    const lines = [
      `last applied ${paint.cyan(lastApplied ?? "never")}`,
      `module ${paint.cyan(`${module.repository}:${module.version}`)}`,
      `digest ${paint.cyan(module.digest)}`,
      ...images.map((image) => `container image ${paint.cyan(image)}`),
      ...(state === "applied" ? [] : [paint.yellow(`state ${state}`)]),
      ...(error === undefined ? [] : [paint.red(`last error ${error.message} [${error.code}]`)]),
      ...objects.map(
        ({ ref, status: name, message }) =>
          `${paint.cyan(formatRef(ref))} ${colourOf(name, paint)(name)} - ${message}`,
      ),
    ];
    const data = {
      name: instance.name,
      namespace: instance.namespace,
      bundle: instance.bundle,
      state,
      healthy,
      lastApplied,
      module,
      images,
      error,
      objects: objects.map(({ ref, ...rest }) => ({ ...ref, ...rest })),
    };
    return { data, text: lines.join("\n"), exitCode: healthy ? 0 : 3 };
  },
});

function colourOf(name: StatusName, paint: Paint): (text: string) => string {
  switch (name) {
    case "Current":
      return paint.green;
    case "InProgress":
    case "Terminating":
    case "Unknown":
      return paint.yellow;
    case "Failed":
    case "NotFound":
      return paint.red;
  }
}
