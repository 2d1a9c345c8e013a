import { join } from "node:path";

import type { DeployContext } from "@tenon/deploy";
import type { ModuleRequest } from "@tenon/deploy/source";
import type { ModulePlace } from "@tenon/schema";

import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag, moduleFlags, moduleRequest } from "../flags.ts";

export const init: Command = defineCommand({
  name: "mod init",
  summary: "Make a new module",
  description:
    "Makes a module in a new folder, with its schemas vendored and the JSON Schema of its values, which\neditors read: it builds, applies and publishes as it is. No network is needed. With --blueprint it starts\nfrom another module, in whose files the words `blueprint` and `__NAME__` become the name.",
  args: [
    { name: "name", summary: "Name of the module", required: true },
    {
      name: "path",
      summary: "Folder in which the module's folder is made",
      default: ".",
      complete: "directory",
    },
  ],
  flags: {
    blueprint: {
      type: "string",
      short: "b",
      value: "module",
      complete: "directory",
      summary: "Folder or oci://registry/repository of a module to start from",
    },
    version: moduleFlags.version,
    digest: moduleFlags.digest,
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    { about: "Make the module app in ./app", line: "tenon mod init app" },
    {
      about: "Make it elsewhere, then check it",
      line: "tenon mod init app ./modules\ntenon mod vet ./modules/app",
    },
    {
      about: "Start from a module of your platform team",
      line: "tenon mod init app --blueprint oci://ghcr.io/org/blueprints/service",
    },
  ],
  async run({ args, flags }, context) {
    const { moduleSchema, moduleSchemaFile, readModule, writeSchemaFile } =
      await import("@tenon/schema");
    const deploy = await context.deploy();
    const { engine } = deploy;
    const { signal } = context;
    const place = { name: args.name, dir: args.path };
    const path = await (flags.blueprint === undefined
      ? initBuiltIn(place, signal)
      : initFrom(deploy, place, moduleRequest(flags.blueprint, flags)));
    const module = await readModule(path, { signal });
    const schema = await moduleSchema(engine, { module }, { signal });
    await writeSchemaFile(join(path, moduleSchemaFile), schema);
    return { data: { name: args.name, path }, text: `module initialized at ${path}` };
  },
});

async function initBuiltIn(place: ModulePlace, signal: AbortSignal): Promise<string> {
  const { initModule, vendorK8s } = await import("@tenon/schema");
  const path = await initModule(place);
  await vendorK8s({ moduleDir: path, signal });
  return path;
}

async function initFrom(
  deploy: DeployContext,
  place: ModulePlace,
  request: ModuleRequest,
): Promise<string> {
  const { openModule } = await import("@tenon/deploy/source");
  const { initFromBlueprint } = await import("@tenon/schema");
  return initFromBlueprint({ ...place, blueprint: await openModule(deploy, request) });
}
