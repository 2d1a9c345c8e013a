import { TenonError } from "@tenon/core";
import { dependencyFolder } from "@tenon/cue-wasm";
import {
  type AttachedFile,
  extractTarToMap,
  LICENSE_ARTIFACT_TYPE,
  type PackedArtifact,
  PREDICATE_ANNOTATION,
  README_ARTIFACT_TYPE,
  SCHEMA_ARTIFACT_TYPE,
  SCHEMA_MEDIA_TYPE,
  STATEMENT_MEDIA_TYPE,
  TITLE_ANNOTATION,
  TYPES_ARTIFACT_TYPE,
  type UnpackedFile,
} from "@tenon/oci";
import { type ModuleFiles, moduleName, moduleSchema } from "@tenon/schema";

import type { DeployContext } from "../context.ts";
import { withDependencies } from "../dependencies/index.ts";
import { valuesType } from "../typescript/values-type.ts";
import type { PackedModule } from "./pack-module.ts";
import { provenanceStatement, provenanceType } from "./provenance.ts";

/** What a file that goes along with a module is. */
export type DescriptionKind = "schema" | "types" | "readme" | "license" | "provenance";

/** A file that goes along with a module. */
export interface Description {
  readonly kind: DescriptionKind;
  readonly file: AttachedFile;
}

/** All that goes along with a module. */
export interface ModuleDescription {
  readonly descriptions: readonly Description[];
  /** Why there is no schema, and nothing that follows from it: the module does not evaluate. */
  readonly schemaFailure?: TenonError | undefined;
}

const licenseFile = /^(?:LICEN[CS]ES?|COPYING|NOTICE)(?:[.-][^/]*)?$/i;

/**
 * Collects what goes along with a module: JSON Schema and TypeScript type of its values, README, licences,
 * and a statement of its provenance. Of files there are those that were packed.
 */
export async function describeModule(
  context: DeployContext,
  { artifact, files }: PackedModule,
): Promise<ModuleDescription> {
  const packed = await packedFiles(artifact);
  const descriptions = [...packed].flatMap(([path, content]) => textDescription(path, content));
  try {
    const module = await withDependencies(context, files);
    descriptions.push(provenanceOf(context, { artifact, packed, module }));
    const schema = await moduleSchema(context.engine, { module }, { signal: context.signal });
    return { descriptions: [...schemaDescriptions(moduleName(files), schema), ...descriptions] };
  } catch (error) {
    // A module is of use without its schema; what else can fail is a failure.
    if (error instanceof TenonError) return { descriptions, schemaFailure: error };
    throw error;
  }
}

async function packedFiles({ layers }: PackedArtifact): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, UnpackedFile>();
  for (const layer of layers) await extractTarToMap(await layer.open(), {}, files);
  return new Map([...files].map(([path, { data }]) => [path, data]));
}

function textDescription(path: string, content: Uint8Array): Description[] {
  const fileAnnotations = { [TITLE_ANNOTATION]: path };
  if (path === "README.md") {
    const artifactType = README_ARTIFACT_TYPE;
    const file = { artifactType, mediaType: "text/markdown", content, fileAnnotations };
    return [{ kind: "readme", file }];
  }
  if (!licenseFile.test(path)) return [];
  const artifactType = LICENSE_ARTIFACT_TYPE;
  return [
    { kind: "license", file: { artifactType, mediaType: "text/plain", content, fileAnnotations } },
  ];
}

function schemaDescriptions(name: string, schema: string): Description[] {
  const types = `// The values of ${name}.\nexport type Values = ${valuesType(schema)};\n`;
  return [
    {
      kind: "schema",
      file: {
        artifactType: SCHEMA_ARTIFACT_TYPE,
        mediaType: SCHEMA_MEDIA_TYPE,
        content: Buffer.from(schema),
      },
    },
    {
      kind: "types",
      file: {
        artifactType: TYPES_ARTIFACT_TYPE,
        mediaType: "application/typescript",
        content: Buffer.from(types),
        fileAnnotations: { [TITLE_ANNOTATION]: "values.d.ts" },
      },
    },
  ];
}

function provenanceOf(
  { version }: DeployContext,
  {
    artifact,
    packed,
    module,
  }: {
    readonly artifact: PackedArtifact;
    readonly packed: ReadonlyMap<string, Uint8Array>;
    /** With the CUE modules that it requires. */
    readonly module: ModuleFiles;
  },
): Description {
  const required = [...module.files].filter(([path]) => path.startsWith(dependencyFolder));
  const { digest, annotations } = artifact;
  const statement = provenanceStatement({
    name: moduleName(module),
    digest,
    annotations,
    files: new Map([...packed, ...required]),
    version,
  });
  return {
    kind: "provenance",
    file: {
      artifactType: STATEMENT_MEDIA_TYPE,
      mediaType: STATEMENT_MEDIA_TYPE,
      content: Buffer.from(statement),
      fileAnnotations: { [PREDICATE_ANNOTATION]: provenanceType },
    },
  };
}
