import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { type Command, defineCommand } from "../define-command.ts";
import { exitCodes } from "../exit-code.ts";
import { credsFlag } from "./flags.ts";

const bundleName = "tenon.bundle.ts";
const typesName = "tenon.d.ts";

export const types: Command = defineCommand({
  name: "types",
  summary: "Write the types for bundles in TypeScript",
  description:
    "Fetches the modules that bundles in TypeScript use, and writes a declaration file by which editors and\ncompilers check the values in them: `defineBundle` from `@tenon/bundle`. Nothing needs to be installed.",
  args: [],
  flags: {
    file: {
      type: "strings",
      short: "f",
      split: true,
      value: "file",
      complete: "file",
      summary: `TypeScript file of a bundle; may be repeated; ${bundleName} unless given`,
    },
    output: {
      type: "string",
      short: "o",
      value: "file",
      complete: "file",
      summary: `Where to write; ${typesName} beside the first bundle unless given, \`-\` for stdout`,
    },
    check: {
      type: "boolean",
      summary: "Do not write; exit with 3 when the file is not up to date",
    },
    creds: credsFlag,
  },
  examples: [
    { about: "Write the types for tenon.bundle.ts", line: "tenon types" },
    { about: "Fail in CI when they are not up to date", line: "tenon types --check" },
    {
      about: "Write those of two bundles to one file",
      line: "tenon types -f shop.bundle.ts -f tools.bundle.ts -o types/tenon.d.ts",
    },
  ],
  async run({ flags }, context) {
    const { moduleTypes } = await import("@tenon/deploy/typescript");
    const { creds } = flags;
    const files = flags.file.length > 0 ? flags.file : [bundleName];
    const { text, modules } = await moduleTypes(await context.deploy(), { files, creds });
    if (flags.output === "-") return { raw: text };
    const output = flags.output ?? path.join(path.dirname(files[0]!), typesName);
    const current = await readFile(output, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (current === text) {
      context.talk.say(`${output} is up to date`);
      return {};
    }
    if (flags.check) {
      context.talk.say(`${output} is not up to date`);
      return { exitCode: exitCodes.different };
    }
    await writeFile(output, text);
    context.talk.say(`${output} written, with the values of ${modules.join(", ")}`);
    return {};
  },
});
