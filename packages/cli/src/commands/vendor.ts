import { type Command, defineCommand } from "../define-command.ts";
import { usageError } from "../errors.ts";
import { count } from "../render/count.ts";
import { bundleFlags, bundleRequest, lockFlags } from "./bundle/bundle-flags.ts";
import { credsFlag, moduleArg, moduleFlags, moduleRequest } from "./flags.ts";

export const vendor: Command = defineCommand({
  name: "vendor",
  summary: "Write modules into a folder, to work without a registry",
  description:
    "Writes all modules of a bundle, or one module, with the CUE modules that they require and the\nsignatures that refer to them, into the folder tenon_modules, a part of which is an OCI image layout\nfor each repository. With --offline they are read from there, with the same digests, and no registry\nis asked.\n\nWhat is there already is checked and not fetched again; what no bundle and no module needs any more\nis deleted. The folder lies beside the bundle; for a module it is in the working folder.",
  args: [moduleArg],
  flags: { ...bundleFlags, ...lockFlags, ...moduleFlags, creds: credsFlag },
  output: ["text", "json", "yaml"],
  cluster: true,
  examples: [
    { about: "Vendor the modules of a bundle", line: "tenon vendor -f bundle.cue" },
    { about: "Build it without a network", line: "tenon bundle build -f bundle.cue --offline" },
    {
      about: "Vendor a module",
      line: "tenon vendor oci://ghcr.io/org/modules/app -v 1.0.0",
    },
    { about: "Vendor the CUE modules that a module in a folder requires", line: "tenon vendor ." },
  ],
  async run({ args, flags }, context) {
    const { module } = args;
    if ((module === undefined) === (flags.file.length === 0)) {
      throw usageError("vendor", "Give either a module, or a bundle with -f");
    }
    const { vendorModules } = await import("@tenon/deploy");
    const request =
      module === undefined
        ? { bundle: { ...bundleRequest(flags, context), creds: flags.creds } }
        : { module: moduleRequest(module, flags) };
    const report = await vendorModules(await context.deploy(), request);
    const { paint } = context;
    const { dir, user, artifacts, added, removed } = report;
    const lines = [
      ...added.map((one) => `${paint.green("added")} ${one}`),
      ...removed.map((one) => `${paint.red("removed")} ${one}`),
      `${paint.cyan(user)} ${count(artifacts.length, "artifact")} in ${dir}`,
    ];
    return { data: report, text: lines.join("\n") };
  },
});
