import { globalFlags } from "../global-flags.ts";
import type { Io } from "../io.ts";
import type { Manifest } from "../manifest.ts";
import { complete } from "./complete.ts";

const longestWaitMs = 2000;
const silent = { isTTY: false, columns: 80, write: () => {} };

/** What `tenon __complete WORDS…` prints. It never fails: what cannot be found is not offered. */
export async function completionAnswer(
  words: readonly string[],
  manifest: Manifest,
  io: Io,
): Promise<string> {
  const { candidates, files, instances } = complete(words, manifest);
  const current = words.at(-1) ?? "";
  const names = instances ? await instanceNames(words, io) : [];
  const lines = [
    ...candidates.map(([word, about]) => (about === "" ? word : `${word}\t${about}`)),
    ...names.filter((name) => name.startsWith(current)),
    `:${files}`,
  ];
  return `${lines.join("\n")}\n`;
}

async function instanceNames(words: readonly string[], io: Io): Promise<string[]> {
  const signal = AbortSignal.timeout(longestWaitMs);
  const late = new Promise<string[]>((resolve) => {
    signal.addEventListener("abort", () => resolve([]), { once: true });
  });
  const found = listNames(words, { ...io, signal }).catch(() => []);
  return Promise.race([found, late]);
}

async function listNames(words: readonly string[], io: Io): Promise<string[]> {
  const [{ commandLoaders }, { openContext }, { parseCommandLine }] = await Promise.all([
    import("../commands/index.ts"),
    import("../context.ts"),
    import("../yargs-adapter.ts"),
  ]);
  const list = await commandLoaders["list"]!();
  const { input, globals } = await parseCommandLine(list, globalWords(words));
  await using context = openContext({
    io: { ...io, stderr: silent },
    globals,
    format: "json",
    signal: io.signal,
    done: [],
  });
  const { data } = await list.run(input, context);
  return (data as readonly { readonly name: string }[]).map(({ name }) => name);
}

/** The global flags among the words of an unfinished command line. */
function globalWords(words: readonly string[]): string[] {
  const found: string[] = [];
  words.slice(0, -1).forEach((word, index) => {
    const [title = ""] = word.split("=");
    const flag = Object.entries(globalFlags).find(
      ([name, { short }]) =>
        title === `--${name}` || (short !== undefined && title === `-${short}`),
    )?.[1];
    if (flag === undefined) return;
    const value = words[index + 1];
    const separate = flag.type !== "boolean" && !word.includes("=");
    found.push(word, ...(separate && value !== undefined ? [value] : []));
  });
  return found;
}
