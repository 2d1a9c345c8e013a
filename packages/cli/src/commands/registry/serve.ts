import { type Command, defineCommand } from "../../define-command.ts";

export const serve: Command = defineCommand({
  name: "registry serve",
  summary: "Run a registry on this machine",
  description:
    "Runs an OCI registry for development, CI and places without a network. It keeps artifacts in\nmemory, or in a folder with --dir. Everybody who reaches it may read and write, unless there is a\nuser. It ends with Ctrl-C.\n\nThe password of --username is read from TENON_REGISTRY_PASSWORD, or from stdin.",
  args: [],
  flags: {
    dir: {
      type: "string",
      value: "dir",
      complete: "directory",
      summary: "Folder to keep artifacts in, one OCI layout a repository; in memory unless given",
    },
    address: {
      type: "string",
      value: "host:port",
      default: "127.0.0.1:5000",
      summary: "Address to listen on; port 0 takes a free one",
    },
    "read-only": { type: "boolean", summary: "Refuse all that would change what the folder has" },
    username: { type: "string", short: "u", summary: "User that every request must come from" },
    "password-stdin": { type: "boolean", summary: "Read the password of the user from stdin" },
    "tls-cert": {
      type: "string",
      value: "file",
      complete: "file",
      summary: "Serve HTTPS with the certificates of a PEM file, the server's first",
    },
    "tls-key": {
      type: "string",
      value: "file",
      complete: "file",
      summary: "PEM file with the private key of --tls-cert",
    },
  },
  endless: true,
  examples: [
    { about: "Run a registry that forgets", line: "tenon registry serve" },
    {
      about: "Publish to it from another terminal",
      line: "tenon mod push ./app oci://127.0.0.1:5000/modules/app -v 1.0.0",
    },
    { about: "Keep what is pushed", line: "tenon registry serve --dir ./registry" },
    {
      about: "Show what a folder has to others, and let nobody change it",
      line: "tenon registry serve --dir ./registry --read-only --address :5000",
    },
    {
      about: "Let one user in, over HTTPS",
      line: 'echo "$PASSWORD" | tenon registry serve --dir ./registry --address :5000 -u ci --password-stdin --tls-cert cert.pem --tls-key key.pem',
    },
  ],
  async run({ flags }, context) {
    const { runRegistry } = await import("../../serve-registry.ts");
    await runRegistry(flags, context);
    return {};
  },
});
