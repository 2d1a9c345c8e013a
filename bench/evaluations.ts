// Renders a module 50 times in one process and prints the milliseconds and the peak memory in MiB.
import { createEngine } from "@tenon/cue-wasm";
import { printObjects, readModule, renderInstance } from "@tenon/schema";

const [dir, kind, count] = process.argv.slice(2) as [string, "wasm" | "native", string];
const start = performance.now();
using engine = await createEngine({
  kind,
  assets: new URL("../../packages/cue-wasm/dist/", import.meta.url),
});
const module = await readModule(dir);
const names = Array.from({ length: Number(count) }, (_, i) => `app-${i}`);
await Promise.all(
  names.map(async (name) => {
    const { sets } = await renderInstance(engine, { module, name, namespace: "bench" });
    await printObjects(
      engine,
      sets.flatMap((set) => set.objects),
      "yaml",
    );
  }),
);
console.log(
  JSON.stringify({ ms: performance.now() - start, mib: process.resourceUsage().maxRSS / 1024 }),
);
