import { pathAtColumn } from "@tenon/core";
import { type CueFile, fileKind } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { readUserFile } from "../source/read-user-file.ts";
import { runTypeScript } from "../typescript/run-typescript.ts";

/** What files declare, and where `-` is read from. */
export interface DeclarationsRequest {
  readonly what: "bundle" | "runtime";
  readonly stdin?: (() => Promise<Uint8Array>) | undefined;
  /** Contents in place of those of files, by name. */
  readonly edited?: ReadonlyMap<string, Uint8Array> | undefined;
}

const endings = {
  bundle: ".cue, .yaml, .yml, .json or .ts",
  runtime: ".cue, .yaml, .yml or .json",
};

/**
 * Reads the files of a bundle or a runtime. Those of a bundle that are TypeScript are run.
 *
 * @throws DeployError `DEPLOY_BUNDLE_UNREADABLE`
 * @throws SchemaError as `runTypeScript`
 */
export async function readDeclarations(
  context: DeployContext,
  names: readonly string[],
  { what, stdin, edited }: DeclarationsRequest,
): Promise<CueFile[]> {
  if (names.filter((name) => name === "-").length > 1) {
    throw unreadable("standard input was given twice", "Give -f - once", { what });
  }
  return Promise.all(
    names.map(async (name) => {
      if (name === "-")
        return { name: "stdin.cue", content: (await stdin?.()) ?? new Uint8Array() };
      if (what === "bundle" && /\.m?ts$/.test(name)) return readTypeScript(context, name);
      if (fileKind(name) !== undefined) {
        return { name, content: edited?.get(name) ?? (await readDeclaration(name, what)) };
      }
      throw unreadable(
        `${name} is of no known kind`,
        `Files of a ${what} end in ${endings[what]}`,
        { what },
      );
    }),
  );
}

async function readTypeScript(context: DeployContext, name: string): Promise<CueFile> {
  const text = Buffer.from(await readDeclaration(name, "bundle")).toString("utf8");
  const { json, placeOf } = await runTypeScript(context, { name, text });
  const content = Buffer.from(`{"bundle":${json}}`);
  return { name, content, origin: ({ column }) => placeOf(pathAtColumn(content, column).slice(1)) };
}

/**
 * Reads one file.
 *
 * @throws DeployError `DEPLOY_BUNDLE_UNREADABLE`
 */
export async function readDeclaration(
  name: string,
  what: "bundle" | "runtime" = "bundle",
): Promise<Uint8Array> {
  return readUserFile(name, (reason, cause) =>
    unreadable(`${name}: ${reason}`, "Check the path given with -f or -r", { what, cause }),
  );
}

/** The error of files that cannot be read as a bundle or a runtime. */
export function unreadable(
  reason: string,
  hint: string,
  {
    what = "bundle",
    cause,
  }: { readonly what?: "bundle" | "runtime"; readonly cause?: unknown } = {},
): DeployError {
  return new DeployError("DEPLOY_BUNDLE_UNREADABLE", `Cannot read ${what}: ${reason}`, {
    hint,
    cause,
  });
}
