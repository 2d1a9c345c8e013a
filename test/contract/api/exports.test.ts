import { expect, it } from "vitest";

// What a package exports is its public API: a change of it shows here.
for (const name of ["core", "cue-wasm", "schema", "oci", "kube", "deploy"]) {
  it(`@tenon/${name} exports what it did`, async () => {
    const module = (await import(`@tenon/${name}`)) as Record<string, unknown>;
    const names = Object.keys(module).toSorted();
    await expect(`${names.join("\n")}\n`).toMatchFileSnapshot(`${name}.txt`);
  });
}
