/** Referrers of an artifact that are looked at: beyond it may stand anything. */
export const MAX_REFERRERS = 1000;
/** Signatures of an artifact that are read. */
export const MAX_SIGNATURES = 256;
/** The largest bundle or payload that is read: 4 MiB. */
export const MAX_SIGNATURE_BYTES: number = 4 * 1024 * 1024;
