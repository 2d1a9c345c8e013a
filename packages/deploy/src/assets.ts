/** Files that the build puts beside this package's code. */
export const assets: Readonly<Record<"typescriptRunner", URL>> = {
  /** Runs a TypeScript file in a worker thread. */
  typescriptRunner: new URL("../dist/typescript-runner.js", import.meta.url),
};
