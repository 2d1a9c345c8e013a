import type { LoginOptions } from "@tenon/oci";

import type { CommandContext } from "../../context.ts";
import { type Command, defineCommand } from "../../define-command.ts";
import { environmentOf } from "../../environment.ts";
import { usageError } from "../../errors.ts";
import { readSecret } from "../../read-secret.ts";

export const login: Command = defineCommand({
  name: "registry login",
  summary: "Sign in to a registry",
  description:
    "Checks a user and a password, or an identity token, with a registry and keeps them where Docker keeps\nits own: with the credential helper that ~/.docker/config.json or containers' auth.json names for the\nregistry, else in ~/.docker/config.json.",
  args: [{ name: "registry", summary: "Host of the registry, such as ghcr.io", required: true }],
  flags: {
    username: { type: "string", short: "u", summary: "User; not for an identity token" },
    password: {
      type: "string",
      secret: true,
      summary: "Password or token; visible to others on this machine, so better --password-stdin",
    },
    "password-stdin": { type: "boolean", summary: "Read the password from stdin" },
    "identity-token-stdin": {
      type: "boolean",
      summary: "Read an identity (refresh) token from stdin, which is exchanged for access tokens",
    },
  },
  examples: [
    {
      about: "Sign in with a token",
      line: 'echo "$GITHUB_TOKEN" | tenon registry login ghcr.io -u octocat --password-stdin',
    },
    {
      about: "Sign in with the token that az gives for a registry of Azure",
      line: "az acr login -n team --expose-token --query accessToken -o tsv | tenon registry login team.azurecr.io --identity-token-stdin",
    },
  ],
  async run({ args, flags }, context) {
    if ((await context.registry()).offline === true) {
      throw usageError(
        "registry login",
        "--offline asks no registry, and this one has to be asked",
      );
    }
    const { login: signIn } = await import("@tenon/oci");
    const { host, file, helper } = await signIn({
      host: args.registry,
      credential: await readCredential(flags, context),
      ...environmentOf(context),
      client: { insecure: context.globals["registry-insecure"] },
      signal: context.signal,
    });
    const where = helper === undefined ? file : `the credential helper ${helper}`;
    return { text: `signed in to ${host}, kept in ${where}` };
  },
});

interface LoginFlags {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly "password-stdin": boolean;
  readonly "identity-token-stdin": boolean;
}

async function readCredential(
  flags: LoginFlags,
  context: CommandContext,
): Promise<LoginOptions["credential"]> {
  const { username, password } = flags;
  if (flags["identity-token-stdin"]) {
    const others = [username, password].some((value) => value !== undefined);
    if (others || flags["password-stdin"]) {
      throw usageError("registry login", "An identity token needs neither a user nor a password");
    }
    return { kind: "identity", token: await needSecret("identity token", context) };
  }
  if (username === undefined) throw usageError("registry login", "Give a user with --username");
  if ((password === undefined) !== flags["password-stdin"]) {
    throw usageError("registry login", "Give either --password-stdin or --password");
  }
  if (password === "") throw usageError("registry login", "The password is empty");
  return { kind: "basic", username, password: password ?? (await needSecret("password", context)) };
}

async function needSecret(what: string, { io }: CommandContext): Promise<string> {
  const secret = await readSecret(io);
  if (secret === "") throw usageError("registry login", `The ${what} is empty`);
  return secret;
}
