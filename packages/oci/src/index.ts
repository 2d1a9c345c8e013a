export type { ReadTreeOptions, PathFilter } from "./archive/read-tree.ts";
export { readTree } from "./archive/read-tree.ts";
export type { ExtractTarOptions, UnpackedFile } from "./archive/extract-tar.ts";
export { extractTar, extractTarToMap } from "./archive/extract-tar.ts";
export type { IgnoreMatcher } from "./archive/ignore.ts";
export { parseIgnore } from "./archive/ignore.ts";
export type { PackTarOptions, PackedTar } from "./archive/pack-tar.ts";
export { packTar } from "./archive/pack-tar.ts";
export type { ReadEntry, UnpackLimits } from "./archive/read-tar.ts";
export { MAX_ARCHIVE_ENTRIES, MAX_UNPACKED_BYTES, readTar } from "./archive/read-tar.ts";
export type { TarEntry } from "./archive/tar-entry.ts";
export type { Annotations, AnnotationSources } from "./artifact/annotations.ts";
export { completeAnnotations, parseAnnotations } from "./artifact/annotations.ts";
export type { Artifact, ArtifactLayer, PackedArtifact } from "./artifact/artifact-manifest.ts";
export type { AttachedFile } from "./artifact/attach-file.ts";
export { attachFile, attachFiles } from "./artifact/attach-file.ts";
export type {
  BuildArtifactOptions,
  BuildModuleOptions,
  BuildOptions,
} from "./artifact/build-artifact.ts";
export { buildArtifact, buildModuleArtifact, isPacked } from "./artifact/build-artifact.ts";
export type { BuildManifestsOptions } from "./artifact/build-manifests.ts";
export { buildManifestsArtifact } from "./artifact/build-manifests.ts";
export {
  CONFIG_MEDIA_TYPE,
  CONTENT_MEDIA_TYPE,
  CONTENT_TYPE_ANNOTATION,
  CREATED_ANNOTATION,
  FLUX_CONFIG_MEDIA_TYPE,
  GENERIC_CONTENT,
  IGNORE_FILE,
  IMAGES_ANNOTATION,
  LICENSE_ARTIFACT_TYPE,
  MODULE_CONTENT,
  MODULES_ANNOTATION,
  PREDICATE_ANNOTATION,
  README_ARTIFACT_TYPE,
  REVISION_ANNOTATION,
  SCHEMA_ARTIFACT_TYPE,
  SCHEMA_MEDIA_TYPE,
  SOURCE_ANNOTATION,
  STATEMENT_MEDIA_TYPE,
  TITLE_ANNOTATION,
  TYPES_ARTIFACT_TYPE,
  UNCOMMITTED_ANNOTATION,
  VENDOR_CONTENT,
  VENDOR_FOLDER,
  VERSION_ANNOTATION,
} from "./artifact/constants.ts";
export type {
  CopiedArtifact,
  CopyArtifactOptions,
  CopySource,
  CopyTarget,
  RegistryPlace,
} from "./artifact/copy-artifact.ts";
export { copyArtifact } from "./artifact/copy-artifact.ts";
export type { ArtifactRef, FetchedArtifact, FetchedLayer } from "./artifact/fetch-artifact.ts";
export { fetchArtifact } from "./artifact/fetch-artifact.ts";
export type { LayerCache } from "./artifact/layer-cache.ts";
export { createLayerCache } from "./artifact/layer-cache.ts";
export type { OpenBuiltOptions } from "./artifact/open-built.ts";
export { isLayout, openBuiltArtifact } from "./artifact/open-built-artifact.ts";
export type { BuiltModule } from "./artifact/open-built-module.ts";
export { isBuilt, openBuiltModule } from "./artifact/open-built-module.ts";
export type { OpenLayerOptions } from "./artifact/open-layer.ts";
export { readLayer } from "./artifact/open-layer.ts";
export type { OnProgress, ProgressEvent } from "./artifact/progress.ts";
export { isLegacyTag, legacyTags } from "./artifact/legacy-tags.ts";
export { formatPlatform, parsePlatform } from "./artifact/platform.ts";
export type { PullOptions, PullToOptions, PulledModule } from "./artifact/pull-module.ts";
export { pullModule, pullModuleTo } from "./artifact/pull-module.ts";
export type { BlobTransfer, PushArtifactOptions } from "./artifact/push-artifact.ts";
export { pushArtifact } from "./artifact/push-artifact.ts";
export type { LayoutFormat, WriteLayoutOptions } from "./artifact/write-layout.ts";
export { checkFree, writeLayout } from "./artifact/write-layout.ts";
export type { Credential, CredentialSource } from "./auth/credential.ts";
export { parseCredential } from "./auth/credential.ts";
export { createCredentialStore, fixedCredential } from "./auth/credential-store.ts";
export type {
  CredentialStep,
  CredentialTarget,
  FindCredentialOptions,
} from "./auth/find-credential.ts";
export { findCredential } from "./auth/find-credential.ts";
export type { AuthEnvironment } from "./auth/docker-config.ts";
export type { LoginOptions, LoginResult } from "./auth/login.ts";
export { login, logout } from "./auth/login.ts";
export type { RegistryClient, RegistryClientOptions } from "./client/client.ts";
export { createRegistryClient } from "./client/client.ts";
export type { ClientCache } from "./client/client-cache.ts";
export type { Clock } from "./client/clock.ts";
export type { Challenge } from "./client/challenge.ts";
export type { HttpExchange } from "./client/observe.ts";
export type { RetryPolicy } from "./client/retry.ts";
export type { HttpRequest, HttpResponse, Transport, TransportOptions } from "./client/transport.ts";
export { createTransport, discard } from "./client/transport.ts";
export type { OnWarning, RegistryWarning } from "./client/warnings.ts";
export type { Content } from "./content/content.ts";
export { bytesContent } from "./content/content.ts";
export type { HeldLock } from "./content/file-lock.ts";
export { withFileLock } from "./content/file-lock.ts";
export { writeFileAtomic } from "./content/node-file.ts";
export { unwritable } from "./content/unwritable.ts";
export type { OciErrorCode, OciErrorOptions } from "./errors.ts";
export { OciError } from "./errors.ts";
export type { LayoutRegistry } from "./layout/layout.ts";
export { createLayout, createLayoutRegistry } from "./layout/layout.ts";
export type { KeptArtifact, PrunedLayouts } from "./layout/prune.ts";
export { pruneLayouts } from "./layout/prune.ts";
export type { ParsedManifest } from "./manifest.ts";
export { parseManifest } from "./manifest.ts";
export {
  EMPTY_JSON,
  IMAGE_INDEX,
  isForeignLayer,
  IMAGE_LAYER,
  IMAGE_MANIFEST,
} from "./media-types.ts";
export { createMemoryRegistry } from "./memory/memory.ts";
export type { RegistryTable, RegistryTableOptions } from "./mirrors/load-table.ts";
export { loadRegistryTable } from "./mirrors/load-table.ts";
export type { MirroredRegistry } from "./mirrors/mirrored-registry.ts";
export { createMirroredRegistry } from "./mirrors/mirrored-registry.ts";
export type { PullName, PullPlan, PullSource } from "./mirrors/pull-sources.ts";
export { planPull, sourceText } from "./mirrors/pull-sources.ts";
export type { MirrorEntry, MirrorUse, RegistryEntry } from "./mirrors/registries-conf.ts";
export type { MirrorFailure, MirrorUsed, SourceRouterOptions } from "./mirrors/source-router.ts";
export type { Reference, RegistryHost, RepositoryName, Tag } from "./reference.ts";
export {
  formatReference,
  formatRepository,
  isTag,
  parseHost,
  parseReference,
  parseRepository,
  parseTag,
  shownHost,
} from "./reference.ts";
export type {
  BlobRef,
  CallOptions,
  Descriptor,
  ListReferrersOptions,
  Manifest,
  OpenBlob,
  OpenContent,
  Platform,
  OpenContentFrom,
  PushBlobOptions,
  PushManifestOptions,
  ReadBlobOptions,
  Registry,
} from "./registry.ts";
export { MAX_MANIFEST_BYTES } from "./registry.ts";
export type { ServerCredentials } from "./server/basic-auth.ts";
export type { ListenOptions, ServerTls } from "./server/listen.ts";
export type { RegistryServer, RequestEvent, ServeRegistryOptions } from "./server/serve.ts";
export { serveRegistry } from "./server/serve.ts";
export { checkTrustedRoot } from "./signing/check-trusted-root.ts";
export type { KeyKind, KeyPairFiles } from "./signing/key-pair.ts";
export { generateKeyPair } from "./signing/key-pair.ts";
export { SIGN_PREDICATE_TYPE } from "./signing/media-types.ts";
export type { AskPassword } from "./signing/private-key.ts";
export { readPrivateKey } from "./signing/private-key.ts";
export { keyHint, readPublicKey } from "./signing/public-key.ts";
export type { ArtifactSignature, SignOptions } from "./signing/sign-artifact.ts";
export { signArtifact } from "./signing/sign-artifact.ts";
export type { CertificateSignOptions } from "./signing/sign-with-certificate.ts";
export { signWithCertificate } from "./signing/sign-with-certificate.ts";
export type {
  RejectedSignature,
  SignatureFormat,
  SignatureReport,
  TrustedSigner,
  VerifiedSignature,
} from "./signing/signature.ts";
export type { VerifyOptions } from "./signing/verify-signatures.ts";
export { verifySignatures } from "./signing/verify-signatures.ts";
export { archiveExport } from "./transfer/archive-export.ts";
export type { ExportFolder, FindKnown } from "./transfer/export-folder.ts";
export { openExportFolder } from "./transfer/export-folder.ts";
export type { ExportedManifest, ExportIndex, ExportRole } from "./transfer/export-index.ts";
export { isExportIndex } from "./transfer/export-index.ts";
export type { ExportReader } from "./transfer/export-reader.ts";
export { openExport } from "./transfer/export-reader.ts";
