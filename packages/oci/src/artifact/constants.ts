import { bytesContent, type Content } from "../content/content.ts";

/** Media type of the config of a module or artifact. */
export const CONFIG_MEDIA_TYPE = "application/vnd.timoni.config.v1+json" as const;
/** Media type of the layers of a module or artifact. */
export const CONTENT_MEDIA_TYPE = "application/vnd.timoni.content.v1.tar+gzip" as const;
/** Media type of the config of an artifact with manifests of Kubernetes, as Flux and its tools know it. */
export const FLUX_CONFIG_MEDIA_TYPE = "application/vnd.cncf.flux.config.v1+json" as const;
/** Layer annotation that says what the layer holds. */
export const CONTENT_TYPE_ANNOTATION = "sh.timoni.content.type" as const;
/** Content type of the layer with a module's `cue.mod`. */
export const VENDOR_CONTENT = "module/vendor" as const;
/** Content type of the layer with everything else of a module. */
export const MODULE_CONTENT = "module" as const;
/** Content type of an artifact that is no module. */
export const GENERIC_CONTENT = "generic" as const;
/** Manifest annotation with the version of a module. */
export const VERSION_ANNOTATION = "org.opencontainers.image.version" as const;
/** Manifest annotation with the time of the source, RFC 3339 in UTC. */
export const CREATED_ANNOTATION = "org.opencontainers.image.created" as const;
/** Manifest annotation with the repository of the source. */
export const SOURCE_ANNOTATION = "org.opencontainers.image.source" as const;
/** Manifest annotation with the commit of the source. */
export const REVISION_ANNOTATION = "org.opencontainers.image.revision" as const;
/** Manifest annotation, `true`, of a module that is not all as the commit of its source has it. */
export const UNCOMMITTED_ANNOTATION = "tenon.dev/uncommitted" as const;
/** Manifest annotation with the images that a module deploys. */
export const IMAGES_ANNOTATION = "sh.timoni.images" as const;
/** Manifest annotation with the modules that manifests were rendered from. */
export const MODULES_ANNOTATION = "tenon.dev/modules" as const;
/** Artifact type of a manifest that refers to a module and holds the JSON Schema of its values. */
export const SCHEMA_ARTIFACT_TYPE = "application/vnd.tenon.values.schema.v1" as const;
/** Media type of a JSON Schema. */
export const SCHEMA_MEDIA_TYPE = "application/schema+json" as const;
/** Artifact type of a manifest that refers to a module and holds the TypeScript type of its values. */
export const TYPES_ARTIFACT_TYPE = "application/vnd.tenon.values.types.v1" as const;
/** Artifact type of a manifest that refers to a module and holds its README. */
export const README_ARTIFACT_TYPE = "application/vnd.tenon.readme.v1" as const;
/** Artifact type of a manifest that refers to a module and holds a licence of it. */
export const LICENSE_ARTIFACT_TYPE = "application/vnd.tenon.license.v1" as const;
/**
 * Media type of a statement of in-toto that is not signed, and artifact type of its manifest.
 *
 * @see https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md
 */
export const STATEMENT_MEDIA_TYPE = "application/vnd.in-toto+json" as const;
/** Annotation of a layer with a statement that says which predicate it has. */
export const PREDICATE_ANNOTATION = "in-toto.io/predicate-type" as const;
/** Annotation of a layer that is a file: its name. */
export const TITLE_ANNOTATION = "org.opencontainers.image.title" as const;
/** The file in a module's root that says what is not packed. */
export const IGNORE_FILE = "timoni.ignore" as const;
/** The folder that modules are vendored into, which is never packed. */
export const VENDOR_FOLDER = "tenon_modules" as const;

/** The config blob of every artifact: its media type matters, its content does not. */
export const configContent: Content = bytesContent(
  Buffer.from(
    '{"architecture":"","created":"0001-01-01T00:00:00Z","os":"","rootfs":{"type":"layers","diff_ids":null},"config":{}}',
  ),
);
