export type { DescribedRule } from "./describe-rule.ts";
export type { ExplainedSignature, TrustExplanation } from "./explain-trust.ts";
export { explainTrust } from "./explain-trust.ts";
export type { TrustPlaces } from "./find-trust-policy.ts";
export type { ImageDemand } from "./image-problems.ts";
export type { SeenTag, TagEvent } from "./tag-event.ts";
export type { TrustSettings } from "./trust-settings.ts";
export type { VettedTrustPolicy } from "./vet-trust-policy.ts";
export { vetTrustPolicy } from "./vet-trust-policy.ts";
