import path from "node:path";

/** The URL of a module as it is from the current folder: relative ones start from `dir`. */
export function resolveModuleUrl(url: string, dir: string): string {
  const file = /^file:\/\/(.*)$/.exec(url)?.[1];
  return file === undefined || path.isAbsolute(file) ? url : `file://${path.join(dir, file)}`;
}
