import { askPassword } from "../../ask-password.ts";
import { type Command, defineCommand } from "../../define-command.ts";

export const keygen: Command = defineCommand({
  name: "artifact keygen",
  summary: "Make a key pair to sign artifacts with",
  description:
    "Writes a private key, encrypted with a password as cosign does, and its public key. The password is\nthat of TENON_KEY_PASSWORD, else of COSIGN_PASSWORD, else asked for.",
  args: [],
  flags: {
    output: {
      type: "string",
      short: "o",
      value: "path",
      default: "signing",
      complete: "file",
      summary: "Path of the two files, without .key and .pub",
    },
    type: {
      type: "string",
      choices: ["ecdsa", "ed25519"],
      default: "ecdsa",
      summary: "Kind of the key; ecdsa is on P-256",
    },
  },
  examples: [
    { about: "Make signing.key and signing.pub", line: "tenon artifact keygen" },
    { about: "Make a key for a team", line: "tenon artifact keygen -o keys/web" },
  ],
  async run({ flags }, context) {
    const password = await askPassword(context, { command: "artifact keygen", isNew: true });
    const { writeKeyPair } = await import("@tenon/deploy");
    const { output, type: kind } = flags;
    const { privateKey, publicKey } = await writeKeyPair({ output, kind, password });
    return { text: `private key: ${privateKey}\npublic key: ${publicKey}` };
  },
});
