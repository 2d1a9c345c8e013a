import { type Command, defineCommand } from "../../define-command.ts";
import { usageError } from "../../errors.ts";
import { credsFlag } from "../flags.ts";
import { certificateFlags, pullSigner, verifyFlags } from "../signer-flags.ts";
import { artifactArg } from "./artifact-arg.ts";

export const pull: Command = defineCommand({
  name: "artifact pull",
  summary: "Download an artifact and unpack it into a folder",
  description:
    "Downloads what `tenon artifact push` or `tenon mod push` pushed, checks it against its digest and\nunpacks it: all of it or nothing. Files that are there already are overwritten, others stay.",
  args: [artifactArg],
  flags: {
    output: {
      type: "string",
      short: "o",
      value: "dir",
      default: ".",
      complete: "directory",
      summary: "Folder to unpack into",
    },
    "content-type": {
      type: "string",
      value: "type",
      summary: "Unpack only the layers that say that they hold this",
    },
    ...verifyFlags,
    ...certificateFlags,
    creds: credsFlag,
  },
  examples: [
    { about: "Unpack a tag", line: "tenon artifact pull oci://ghcr.io/org/schemas:1.0.0 -o ./out" },
    {
      about: "Unpack exactly these bytes",
      line: "tenon artifact pull oci://ghcr.io/org/schemas@sha256:5b94… -o ./out",
    },
    {
      about: "Unpack the vendored schemas of a module alone",
      line: "tenon artifact pull oci://ghcr.io/org/modules/app:1.0.0 --content-type module/vendor -o ./out",
    },
    {
      about: "Unpack only what a team signed",
      line: "tenon artifact pull oci://ghcr.io/org/schemas:1.0.0 -o ./out --verify cosign --cosign-key signing.pub",
    },
  ],
  async run({ args, flags }, context) {
    const { output } = flags;
    if (output === "") throw usageError("artifact pull", "--output cannot be empty");
    const signer = pullSigner(flags, "artifact pull", context);
    const { pullFiles, readTrustedSigner } = await import("@tenon/deploy");
    const digest = await pullFiles(await context.registry(), {
      url: args.artifact_url,
      output,
      contentType: flags["content-type"],
      signer: signer && (await readTrustedSigner(context.io, signer)),
      creds: flags.creds,
    });
    return { text: `digest: ${digest}\nextracted: ${output}` };
  },
});
