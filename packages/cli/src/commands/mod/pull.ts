import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { credsFlag, moduleFlags } from "../flags.ts";
import { certificateFlags, pullSigner, verifyFlags } from "../signer-flags.ts";

export const pull: Command = defineCommand({
  name: "mod pull",
  summary: "Download a module and unpack it into a folder",
  description:
    "Downloads a module, checks it against its digest and unpacks it, vendored schemas included.",
  args: [
    { name: "module_url", summary: "The module, as oci://registry/repository", required: true },
  ],
  flags: {
    ...moduleFlags,
    output: {
      type: "string",
      short: "o",
      value: "dir",
      required: true,
      complete: "directory",
      summary: "Folder to unpack into",
    },
    ...verifyFlags,
    ...certificateFlags,
    creds: credsFlag,
  },
  examples: [
    {
      about: "Unpack a version",
      line: "tenon mod pull oci://ghcr.io/org/modules/app -v 1.0.0 -o ./app",
    },
    {
      about: "Unpack exactly these bytes",
      line: "tenon mod pull oci://ghcr.io/org/modules/app -d sha256:5b94… -o ./app",
    },
    {
      about: "Unpack only what a team signed",
      line: "tenon mod pull oci://ghcr.io/org/modules/app -v 1.0.0 -o ./app --verify cosign --cosign-key signing.pub",
    },
  ],
  async run({ args, flags }, context) {
    if (flags.output === "") throw usageError("mod pull", "--output cannot be empty");
    const signer = pullSigner(flags, "mod pull", context);
    const { pullModule, readTrustedSigner } = await import("@tenon/deploy");
    const pulled = await pullModule(await context.deploy(), {
      url: args.module_url,
      version: flags.version,
      digest: flags.digest,
      signer: signer && (await readTrustedSigner(context.io, signer)),
      creds: flags.creds,
      output: flags.output,
    });
    const { repository, version, digest, output } = pulled;
    return {
      text: `artifact: ${repository}:${version}\ndigest: ${digest}\nextracted: ${output}`,
    };
  },
});
