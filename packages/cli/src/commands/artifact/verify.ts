import { type Command, defineCommand } from "../../define-command.ts";
import { credsFlag } from "../flags.ts";
import { certificateFlags, signerRequest } from "../signer-flags.ts";
import { artifactArg } from "./artifact-arg.ts";

export const verify: Command = defineCommand({
  name: "artifact verify",
  summary: "Verify who signed an artifact",
  description:
    "Succeeds where who is trusted has signed what a reference points to now: the holder of a key, or the\nidentity of a certificate. Signatures of cosign are read in both of its formats. Nothing but the registry is\nasked: certificates are checked against a trusted root, with the transparency logs that it names.",
  args: [artifactArg],
  flags: {
    key: {
      type: "string",
      value: "file",
      complete: "file",
      summary: "Public key of the signer, or env://NAME for a variable that holds it",
    },
    ...certificateFlags,
    type: {
      type: "string",
      value: "url",
      summary: "Demand an attestation with this predicate type in place of a signature",
    },
    creds: credsFlag,
  },
  output: ["text", "json", "yaml"],
  examples: [
    {
      about: "Verify with a key",
      line: "tenon artifact verify oci://ghcr.io/org/modules/app:1.0.0 --key signing.pub",
    },
    {
      about: "Verify that a workflow signed it",
      line: "tenon artifact verify oci://ghcr.io/org/modules/app:1.0.0 --trusted-root trusted_root.json \\\n  --certificate-identity https://github.com/org/app/.github/workflows/release.yml@refs/tags/v1.0.0 \\\n  --certificate-oidc-issuer https://token.actions.githubusercontent.com",
    },
    {
      about: "Demand a provenance statement",
      line: "tenon artifact verify oci://ghcr.io/org/app:1.0.0 --key signing.pub --type https://slsa.dev/provenance/v1",
    },
  ],
  async run({ args, flags }, context) {
    const source = { command: "artifact verify", keyFlag: "key" } as const;
    const signer = signerRequest(flags, flags.key, source, context);
    const { verifyExisting } = await import("@tenon/deploy");
    const found = await verifyExisting(await context.registry(), {
      url: args.artifact_url,
      signer,
      predicateType: flags.type,
      creds: flags.creds,
    });
    const { repository, tag, digest, verified, rejected } = found;
    return {
      data: { repository, tag, digest, verified, rejected },
      text: [
        `artifact: ${repository}@${digest}`,
        ...verified.map((each) => `verified: ${each.digest} (${each.format})`),
        ...rejected.map((each) => `refused: ${each.digest} (${each.format}): ${each.reason}`),
      ].join("\n"),
    };
  },
});
