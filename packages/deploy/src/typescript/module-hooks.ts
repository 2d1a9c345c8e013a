// Hooks for the loader of Node: TypeScript is turned into JavaScript, and what bundles import from
// Tenon comes from here, so that it need not be installed.
import { readFile } from "node:fs/promises";
import type { LoadHook, ResolveHook, ResolveHookContext } from "node:module";
import { fileURLToPath } from "node:url";

import { transform } from "oxc-transform";

import { offsetPosition } from "./offset-position.ts";

const authoring = "@tenon/bundle";
const authoringUrl = "tenon:bundle";
const authoringSource = "export const defineBundle = (bundle) => bundle;";

/** TypeScript may import what a file will be called when it is JavaScript. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier === authoring) return { url: authoringUrl, shortCircuit: true };
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!/^\.{1,2}\/.*\.m?js$/.test(specifier)) throw await withPlace(error, specifier, context);
    return next(specifier.replace(/js$/, "ts"), context);
  }
};

/** The error of an import, told at its place in the file that imports. */
async function withPlace(
  error: unknown,
  specifier: string,
  { parentURL = "" }: ResolveHookContext,
): Promise<unknown> {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ERR_MODULE_NOT_FOUND" || !parentURL.startsWith("file:")) return error;
  const file = fileURLToPath(parentURL);
  const text = await readFile(file, "utf8").catch(() => "");
  const offset = ["'", '"'].map((quote) => text.indexOf(`${quote}${specifier}${quote}`));
  return placedError(file, text, Math.max(...offset), `cannot find ${specifier}`);
}

/** The place goes with the text: other fields of errors of hooks get lost on their way. */
function placedError(file: string, text: string, offset: number, reason: string): Error {
  const { line, column } = offsetPosition(file, text, Math.max(offset, 0));
  return new Error(`${file}:${line}:${column}: ${reason}`);
}

export const load: LoadHook = async (url, context, next) => {
  if (url === authoringUrl) {
    return { format: "module", source: authoringSource, shortCircuit: true };
  }
  if (!/^file:.*\.m?ts$/.test(url)) return next(url, context);
  return { format: "module", source: await toJavaScript(fileURLToPath(url)), shortCircuit: true };
};

async function toJavaScript(file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  const { code, map, errors } = await transform(file, text, { sourcemap: true });
  const [error] = errors;
  if (error !== undefined) {
    throw placedError(file, text, error.labels[0]?.start ?? 0, error.message);
  }
  const inline = Buffer.from(JSON.stringify(map)).toString("base64");
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}`;
}
