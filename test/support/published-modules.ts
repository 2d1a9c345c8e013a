import { bytesContent, type Registry } from "@tenon/oci";

import { zipArchive } from "./zip-archive.ts";

/** The files of a module with one ConfigMap that says which release it is. */
export function moduleFiles(
  release: string,
  { requires }: { readonly requires?: string } = {},
): Record<string, string> {
  const deps = requires === undefined ? "" : `deps: "example.com/lib@v0": v: "${requires}"\n`;
  const imports = requires === undefined ? "" : 'import "example.com/lib"\n\n';
  const port = requires === undefined ? "" : ', port: "\\(lib.port)"';
  return {
    "cue.mod/module.cue": `module: "example.com/app"\nlanguage: version: "v0.17.0"\n${deps}`,
    "timoni.cue": `package main

${imports}values: {...}
timoni: {
	apiVersion: "v1alpha1"
	instance: config: metadata: {name: string @tag(name), namespace: string @tag(namespace)}
	apply: app: [{
		apiVersion: "v1"
		kind:       "ConfigMap"
		metadata:   instance.config.metadata
		data: {release: "${release}"${port}}
	}]
}
`,
    "values.cue": "package main\n\nvalues: {}\n",
  };
}

/** Publishes a CUE module `example.com/lib` with a port. */
export async function publishLib(registry: Registry, version: string, port: number): Promise<void> {
  const repository = "cue/example.com/lib";
  const config = bytesContent(Buffer.from("{}"));
  const archive = bytesContent(
    zipArchive([
      {
        name: "cue.mod/module.cue",
        content: 'module: "example.com/lib@v0"\nlanguage: version: "v0.17.0"\n',
      },
      { name: "lib.cue", content: `package lib\n\nport: ${port}\n` },
    ]),
  );
  for (const blob of [config, archive]) await registry.pushBlob(repository, blob, blob.open);
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: "application/vnd.cue.module.v1+json",
      digest: config.digest,
      size: config.size,
    },
    layers: [{ mediaType: "application/zip", digest: archive.digest, size: archive.size }],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await registry.pushManifest(repository, { mediaType, bytes }, { tags: [version] });
}
