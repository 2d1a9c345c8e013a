import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag } from "../flags.ts";
import { identityFlags, signingMeans } from "../signing-identity-flags.ts";
import { artifactArg } from "./artifact-arg.ts";

export const sign: Command = defineCommand({
  name: "artifact sign",
  summary: "Sign an artifact",
  description:
    "Signs what a reference points to now, a module, an image or any other artifact, as cosign does: the\nsignature is over the digest, and stands beside the artifact in the registry. A key signs an artifact\nonce: running it again changes nothing.\n\nThe key is that of `tenon artifact keygen` or cosign, or one in PKCS #8 or SEC 1; its password is that of\nTENON_KEY_PASSWORD, else of COSIGN_PASSWORD, else asked for.\n\nWith --identity-token a key is made for this signature alone: Fulcio certifies who had it, and the\nsignature goes into the transparency log of Rekor, where others read it.",
  args: [artifactArg],
  flags: {
    key: {
      type: "string",
      value: "file",
      complete: "file",
      summary: "Private key, or env://NAME for a variable that holds it",
    },
    ...identityFlags,
    format: {
      type: "string",
      choices: ["bundle", "legacy"],
      default: "bundle",
      summary: "A sigstore bundle, or the tag sha256-….sig for clients before cosign 3",
    },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Sign a release",
      line: "tenon artifact sign oci://ghcr.io/org/modules/app:1.0.0 --key signing.key",
    },
    {
      about: "Sign exactly these bytes with a key of the environment",
      line: "tenon artifact sign oci://ghcr.io/org/modules/app@sha256:5b94… --key env://SIGNING_KEY",
    },
    {
      about: "Sign as the identity of a pipeline, with sigstore's public instance",
      line: "tenon artifact sign oci://ghcr.io/org/modules/app:1.0.0 --identity-token env://ID_TOKEN \\\n  --fulcio-url https://fulcio.sigstore.dev --rekor-url https://rekor.sigstore.dev",
    },
  ],
  async run({ args, flags }, context) {
    const by = await signingMeans(flags, "artifact sign", context);
    const { signExisting } = await import("@tenon/deploy");
    const signed = await signExisting(await context.registry(), {
      url: args.artifact_url,
      by,
      creds: flags.creds,
    });
    const { repository, tag, digest, signature } = signed;
    const existed = signature.existed ? ", which was there before" : "";
    return {
      data: { repository, tag, digest, signature },
      text: `artifact: ${repository}@${digest}\nsignature: ${signature.digest}${existed}`,
    };
  },
});
