// Copies one artifact between an OCI layout and a registry, and prints the peak memory in MiB.
import {
  createLayoutRegistry,
  createRegistryClient,
  parseManifest,
  type Registry,
} from "@tenon/oci";

const [direction, layoutDir, host, repository, tag] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const layout = createLayoutRegistry(layoutDir);
await using client = createRegistryClient({ host });
const [from, to]: [Registry, Registry] = direction === "push" ? [layout, client] : [client, layout];
const manifest = await from.readManifest(repository, tag);
const { config, layers } = parseManifest(manifest.bytes);
for (const { digest, size } of [...(config ? [config] : []), ...layers]) {
  await to.pushBlob(
    repository,
    { digest, size },
    async () => (await from.readBlob(repository, { digest, size })).stream,
  );
}
await to.pushManifest(
  repository,
  { mediaType: manifest.descriptor.mediaType, bytes: manifest.bytes },
  { tags: [tag] },
);
console.log(JSON.stringify({ mib: process.resourceUsage().maxRSS / 1024 }));
