/** Media type of the sigstore bundles that are written, and artifact type of the manifests that carry them. */
export const BUNDLE_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json" as const;
/** How the media types of sigstore bundles of any version begin. */
export const BUNDLE_MEDIA_TYPE_PREFIX = "application/vnd.dev.sigstore.bundle" as const;
/** Media type of a payload of cosign's older format. */
export const SIMPLE_SIGNING_MEDIA_TYPE =
  "application/vnd.dev.cosign.simplesigning.v1+json" as const;
/** Type of an in-toto statement that says no more than that an artifact is signed. */
export const SIGN_PREDICATE_TYPE = "https://sigstore.dev/cosign/sign/v1" as const;
/** Layer annotation with the signature of cosign's older format, in base64. */
export const SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature" as const;
/** Manifest annotation with the type of the statement in a bundle. */
export const PREDICATE_TYPE_ANNOTATION = "dev.sigstore.bundle.predicateType" as const;
