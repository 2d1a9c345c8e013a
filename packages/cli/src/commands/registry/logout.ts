import { type Command, defineCommand } from "../../define-command.ts";
import { environmentOf } from "../../environment.ts";

export const logout: Command = defineCommand({
  name: "registry logout",
  summary: "Sign out of a registry",
  description: "Removes the credentials of a registry from where `registry login` keeps them.",
  args: [{ name: "registry", summary: "Host of the registry, such as ghcr.io", required: true }],
  flags: {},
  examples: [{ about: "Sign out", line: "tenon registry logout ghcr.io" }],
  async run({ args }, context) {
    const { logout: signOut } = await import("@tenon/oci");
    const { host } = await signOut({
      host: args.registry,
      ...environmentOf(context),
      signal: context.signal,
    });
    return { text: `signed out of ${host}` };
  },
});
