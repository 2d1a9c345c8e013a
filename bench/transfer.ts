// Copies one artifact between an OCI layout and a registry, and prints the peak memory in MiB.
import { copyArtifact, createLayout, createRegistryClient } from "@tenon/oci";

const [direction, layoutDir, host, repository, tag] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
await using client = createRegistryClient({ host });
const places = [
  { registry: createLayout(layoutDir), repository },
  { registry: client, repository },
];
const [from, to] = direction === "push" ? places : places.toReversed();
await copyArtifact(from!, to!, { tag }, { tags: [tag] });
console.log(JSON.stringify({ mib: process.resourceUsage().maxRSS / 1024 }));
