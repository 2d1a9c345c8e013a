import { type Command, defineCommand } from "../../define-command.ts";
import { environmentOf } from "../../environment.ts";
import { usageError } from "../../errors.ts";

export const login: Command = defineCommand({
  name: "registry login",
  summary: "Sign in to a registry",
  description:
    "Checks a user and a password with a registry and keeps them where Docker keeps its own: with the\ncredential helper that ~/.docker/config.json names, else in that file.",
  args: [{ name: "registry", summary: "Host of the registry, such as ghcr.io", required: true }],
  flags: {
    username: { type: "string", short: "u", summary: "User", required: true },
    password: {
      type: "string",
      secret: true,
      summary: "Password or token; visible to others on this machine, so better --password-stdin",
    },
    "password-stdin": { type: "boolean", summary: "Read the password from stdin" },
  },
  examples: [
    {
      about: "Sign in with a token",
      line: 'echo "$GITHUB_TOKEN" | tenon registry login ghcr.io -u octocat --password-stdin',
    },
  ],
  async run({ args, flags }, context) {
    if ((flags.password === undefined) !== flags["password-stdin"]) {
      throw usageError("registry login", "Give either --password-stdin or --password");
    }
    const password =
      flags.password ??
      Buffer.from(await context.io.stdin())
        .toString("utf8")
        .replace(/\r?\n$/, "");
    if (password === "") throw usageError("registry login", "The password is empty");
    if ((await context.registry()).offline === true) {
      throw usageError(
        "registry login",
        "--offline asks no registry, and this one has to be asked",
      );
    }
    const { login: signIn } = await import("@tenon/oci");
    const { host, file, helper } = await signIn({
      host: args.registry,
      username: flags.username,
      password,
      ...environmentOf(context),
      client: { insecure: context.globals["registry-insecure"] },
      signal: context.signal,
    });
    const where = helper === undefined ? file : `the credential helper ${helper}`;
    return { text: `signed in to ${host}, kept in ${where}` };
  },
});
