import { accessRules } from "./access.ts";
import { admissionRules } from "./admission.ts";
import { affinityRules } from "./affinity.ts";
import { configurationRules } from "./configuration.ts";
import { containerRules } from "./containers.ts";
import { definitionRules } from "./definitions.ts";
import { metadataRules } from "./metadata.ts";
import { networkingRules } from "./networking.ts";
import { podRules } from "./pods.ts";
import { policyRules } from "./policies.ts";
import { quotaRules } from "./quotas.ts";
import type { RuleTable } from "./rule.ts";
import { storageRules } from "./storage.ts";
import { volumeRules } from "./volumes.ts";
import { workloadRules } from "./workloads.ts";

/** What the API server validates beyond the types of its OpenAPI documents, for the kinds that people render. */
export const rules: RuleTable = {
  ...metadataRules,
  ...podRules,
  ...containerRules,
  ...volumeRules,
  ...affinityRules,
  ...workloadRules,
  ...networkingRules,
  ...storageRules,
  ...accessRules,
  ...policyRules,
  ...quotaRules,
  ...configurationRules,
  ...admissionRules,
  ...definitionRules,
};
