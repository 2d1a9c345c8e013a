import type { InstanceStatus } from "@tenon/kube";

import type { CommandContext } from "../context.ts";
import { type Command, type CommandResult, defineCommand } from "../define-command.ts";
import type { Paint } from "../render/paint.ts";
import { ageOf, holderText, nodeData, objectTreeLines } from "../render/status-tree.ts";
import { watchResult } from "../render/watch-result.ts";
import { instanceArg, instanceRequest } from "./flags.ts";

export const status: Command = defineCommand({
  name: "status",
  summary: "Print the state of an instance and its objects",
  description:
    "Prints what was applied last, and the live state of each object and of what was made for it, down to\npods: health, age, and how many fields have drifted. A run that is under way, or did not come to its end,\nis named with who holds it. Exits with 3 when an object is missing or not ready, or when the last apply\ndid not come to its end.",
  args: [instanceArg],
  flags: {
    watch: { type: "boolean", short: "w", summary: "Print the state again whenever it changes" },
  },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Print the state of an instance", line: "tenon status app -n apps" },
    { about: "Watch it", line: "tenon status app -n apps --watch" },
    {
      about: "Check it in a script",
      line: "tenon status app -n apps > /dev/null || echo not ready",
    },
  ],
  async run({ args, flags }, context) {
    const { instanceStatus } = await import("@tenon/deploy");
    const deploy = await context.deploy();
    const read = async (): Promise<CommandResult> => {
      const found = await instanceStatus(deploy, {
        ...instanceRequest(args.name, context),
      });
      return statusResult(found, context);
    };
    return flags.watch ? watchResult(read, context) : read();
  },
});

function statusResult(found: InstanceStatus, context: CommandContext): CommandResult {
  const { instance, objects, healthy } = found;
  const { paint } = context;
  const { module, lastApplied, state, error, record, revision, holder } = instance;
  const { images = [], rewrittenImages } = record.applied ?? record.pending ?? {};
  const fromOf = (image: string): string => {
    const from = rewrittenImages?.find(({ to }) => to === image)?.from;
    return from === undefined ? "" : ` (in place of ${from})`;
  };
  const now = Date.now();
  const age = lastApplied === undefined ? "" : ` (${ageOf(lastApplied, now)} ago)`;
  const lines = [
    `last applied ${paint.cyan(lastApplied ?? "never")}${age}, revision ${revision}`,
    `module ${paint.cyan(`${module.repository}:${module.version}`)}`,
    `digest ${paint.cyan(module.digest)}`,
    ...(module.mirror === undefined ? [] : [`read from mirror ${paint.cyan(module.mirror)}`]),
    ...(instance.bundle === undefined ? [] : [`bundle ${paint.cyan(instance.bundle)}`]),
    ...images.map((image) => `container image ${paint.cyan(image)}${fromOf(image)}`),
    ...(state === "applied" ? [] : [paint.yellow(`state ${state}`)]),
    ...pendingLines(instance, paint),
    ...(error === undefined ? [] : [paint.red(`last error ${error.message} [${error.code}]`)]),
    ...objects.flatMap((object) => objectTreeLines(object, { now }, paint)),
  ];
  const data = {
    name: instance.name,
    namespace: instance.namespace,
    bundle: instance.bundle,
    state,
    healthy,
    revision,
    lastApplied,
    module,
    images,
    rewrittenImages,
    error,
    pending: record.pending && {
      operation: record.pending.operation,
      since: record.pending.since,
      module: record.pending.module,
    },
    holder,
    objects: objects.map(nodeData),
  };
  return { data, text: lines.join("\n"), exitCode: healthy ? 0 : 3 };
}

/** Who is at work, or that nobody is. */
function pendingLines({ record, holder }: InstanceStatus["instance"], paint: Paint): string[] {
  const { pending } = record;
  if (pending === undefined) return [];
  const { operation, since, module } = pending;
  const what = `${operation} of ${module.repository}:${module.version} since ${since}`;
  const who =
    holder === undefined
      ? "nobody is at it: run the command again, or see `tenon repair`"
      : `held by ${holderText(holder)} until ${holder.expires}`;
  return [paint.yellow(`pending ${what}, ${who}`)];
}
