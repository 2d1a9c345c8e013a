import { type Command, defineCommand } from "../../define-command.ts";

export const serve: Command = defineCommand({
  name: "registry serve",
  summary: "Run a registry on this machine",
  description:
    "Runs an OCI registry for development and tests, without authentication. It keeps artifacts in\nmemory, or in a folder with --dir. It ends with Ctrl-C.",
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
  },
  endless: true,
  examples: [
    { about: "Run a registry that forgets", line: "tenon registry serve" },
    {
      about: "Publish to it from another terminal",
      line: "tenon mod push ./app oci://127.0.0.1:5000/modules/app -v 1.0.0",
    },
    { about: "Keep what is pushed", line: "tenon registry serve --dir ./registry" },
  ],
  async run({ flags }, context) {
    const { runRegistry } = await import("../../serve-registry.ts");
    await runRegistry(flags, context);
    return {};
  },
});
