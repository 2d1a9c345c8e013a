import type {
  DeployContext,
  GitOpsController,
  PublishedRender,
  PublishRenderRequest,
} from "@tenon/deploy";

import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../define-command.ts";
import { usageError } from "../errors.ts";

/** Flags of the commands that can push what they render. */
export const pushFlags = {
  push: {
    type: "string",
    value: "url",
    summary:
      "Push the objects for Flux and Argo CD to oci://registry/repository:tag in place of printing them",
  },
  emit: {
    type: "string",
    value: "controller",
    choices: ["flux", "argocd"],
    summary: "Print the objects that have Flux or Argo CD apply what --push pushes",
  },
  "emit-name": {
    type: "string",
    value: "name",
    summary: "Name of what --emit prints; that of the instance or bundle unless given",
  },
  "emit-namespace": {
    type: "string",
    value: "name",
    summary: "Namespace of what --emit prints; flux-system or argocd unless given",
  },
  pin: {
    type: "string",
    value: "reference",
    choices: ["digest", "tag"],
    summary: "Whether the objects of --emit name this artifact by its digest (default), or the tag",
  },
} as const;

/** Flags that say how the objects of `--emit` are. */
const emitFlags = ["pin", "emit-name", "emit-namespace"] as const;

/** Values of {@link pushFlags} and of the flags that go ill with them. */
export interface PushFlagValues {
  readonly push: string | undefined;
  readonly emit: string | undefined;
  readonly "emit-name": string | undefined;
  readonly "emit-namespace": string | undefined;
  readonly pin: string | undefined;
  readonly overwrite: boolean;
  readonly "mask-secrets": boolean;
  readonly "output-dir"?: string | undefined;
}

/** What is pushed, and what it is called. */
export interface RenderToPush extends Omit<PublishRenderRequest, "url" | "overwrite"> {
  /** Name of the objects that `--emit` prints. */
  readonly name: string;
}

/**
 * Checks the flags before anything is rendered.
 *
 * @throws CliError `CLI_USAGE`
 * @throws DeployError `DEPLOY_PUSH_TAG_MISSING`
 * @throws OciError `OCI_REFERENCE_INVALID`
 */
export async function checkPushFlags(command: string, flags: PushFlagValues): Promise<void> {
  const { push, emit } = flags;
  const [idle] = (["emit", ...emitFlags] as const).filter((name) => flags[name] !== undefined);
  if (push === undefined) {
    if (flags.overwrite) throw usageError(command, "--overwrite needs --push");
    if (idle === undefined) return;
    const hint = "Say where the objects go with --push oci://registry/repository:tag.";
    throw usageError(command, `--${idle} needs --push: what is applied is an artifact`, hint);
  }
  if (idle !== undefined && emit === undefined) {
    throw usageError(command, `--${idle} needs --emit`);
  }
  for (const name of ["emit-name", "emit-namespace"] as const) {
    const given = flags[name];
    if (given === undefined || isDnsName(given)) continue;
    throw usageError(command, `--${name} ${JSON.stringify(given)} is no lower-case DNS name`);
  }
  if (flags["mask-secrets"]) {
    const message = "--mask-secrets cannot be given with --push: masked Secrets would be applied";
    throw usageError(command, message);
  }
  if (flags["output-dir"] !== undefined) {
    throw usageError(command, "--output-dir cannot be given with --push");
  }
  const { checkRenderUrl } = await import("@tenon/deploy/publish");
  checkRenderUrl(push);
}

/** Flux writes both into labels, which are no longer. */
function isDnsName(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text);
}

/** Pushes what was rendered and tells its digest, or prints what applies it. */
export async function pushRender(
  url: string,
  { name, ...render }: RenderToPush,
  { deploy, flags }: { readonly deploy: DeployContext; readonly flags: PushFlagValues },
  context: CommandContext,
): Promise<CommandResult> {
  const { gitOpsObjects, publishRender } = await import("@tenon/deploy/publish");
  const { overwrite } = flags;
  const published = await publishRender(deploy, { ...render, url, overwrite });
  warnOfSecrets(published, context);
  if (flags.emit === undefined) return { data: published };
  context.talk.say(`pushed ${published.url}`);
  const { printObjects } = await import("@tenon/schema");
  const objects = gitOpsObjects({
    controller: flags.emit as GitOpsController,
    name: flags["emit-name"] ?? name,
    namespace: flags["emit-namespace"],
    render: published,
    pin: flags.pin === "tag" ? "tag" : "digest",
    namespaces: render.instances.map(({ namespace }) => namespace),
    insecure: context.globals["registry-insecure"],
  });
  const format = context.format === "json" ? "json" : "yaml";
  return { raw: await printObjects(deploy.engine, objects, format) };
}

function warnOfSecrets({ secrets }: PublishedRender, { talk }: CommandContext): void {
  if (secrets.length === 0) return;
  talk.warn(`the artifact holds the data of ${secrets.join(", ")}: who may pull it can read it`);
}
