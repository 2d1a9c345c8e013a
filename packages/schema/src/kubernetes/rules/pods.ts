import { ipAddress } from "./addresses.ts";
import { checkContainers } from "./containers.ts";
import {
  dnsLabel,
  dnsSubdomain,
  envName,
  between,
  chosen,
  atLeast,
  labelValue,
  qualifiedName,
  userId,
  evenEmpty,
  matching,
} from "./formats.ts";
import { checkInnerMetadata, checkLabels } from "./metadata.ts";
import { checkAmounts } from "./resources.ts";
import {
  type Fields,
  type Findings,
  type RuleTable,
  isEmpty,
  isSet,
  listOf,
  recordOf,
  recordsOf,
  reportRepeated,
  textOf,
} from "./rule.ts";

const gidsAndUids = { runAsUser: userId, runAsGroup: userId };

export const podRules: RuleTable = {
  "api.core.v1.PodTemplateSpec": {
    filled: ["spec"],
    check({ metadata, spec }, found) {
      checkInnerMetadata(found, metadata, ["metadata"]);
      if (!isEmpty(recordOf(spec)["ephemeralContainers"])) {
        found.problem(
          ["spec", "ephemeralContainers"],
          "a template cannot have ephemeral containers",
        );
      }
    },
  },
  "api.core.v1.PodTemplate": { filled: ["template"] },
  "api.core.v1.PodSpec": {
    filled: ["containers"],
    formats: {
      serviceAccountName: dnsSubdomain,
      nodeName: dnsSubdomain,
      hostname: dnsLabel,
      subdomain: dnsLabel,
      priorityClassName: dnsSubdomain,
      runtimeClassName: evenEmpty(dnsSubdomain),
      activeDeadlineSeconds: between(1, 2 ** 31 - 1),
      hostnameOverride: matching(
        "a lower-case DNS name, at most 64 characters",
        /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
        64,
      ),
    },
    check(spec, found, { parents }) {
      checkPodSpec(spec, found);
      checkContainers(spec, found, claimNames(parents));
    },
  },
  "api.core.v1.PodSecurityContext": {
    formats: {
      ...gidsAndUids,
      fsGroup: userId,
      supplementalGroups: userId,
      fsGroupChangePolicy: chosen,
      supplementalGroupsPolicy: chosen,
    },
    check({ sysctls }, found) {
      reportRepeated(found, sysctls, ["sysctls"], ({ name }) => textOf(name));
    },
  },
  "api.core.v1.SecurityContext": { formats: gidsAndUids, check: checkSecurityContext },
  "api.core.v1.Sysctl": {
    filled: ["name"],
    formats: {
      name: matching(
        'the name of a kernel parameter, such as "net.core.somaxconn"',
        /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/,
        253,
      ),
    },
  },
  "api.core.v1.SeccompProfile": { filled: ["type"], check: checkLocalhostProfile },
  "api.core.v1.AppArmorProfile": { filled: ["type"], check: checkLocalhostProfile },
  "api.core.v1.PodDNSConfig": {
    formats: {
      nameservers: ipAddress,
      searches: matching(
        "a lower-case DNS name",
        /^(\.|[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*\.?)$/,
        254,
      ),
    },
    check({ nameservers, searches }, found) {
      if (listOf(nameservers).length > 3)
        found.problem(["nameservers"], "at most 3 name servers can be given");
      if (listOf(searches).length > 32)
        found.problem(["searches"], "at most 32 search domains can be given");
    },
  },
  "api.core.v1.PodDNSConfigOption": { filled: ["name"] },
  "api.core.v1.HostAlias": { formats: { ip: evenEmpty(ipAddress), hostnames: dnsSubdomain } },
  "api.core.v1.PodReadinessGate": { formats: { conditionType: evenEmpty(qualifiedName) } },
  "api.core.v1.PodSchedulingGate": { formats: { name: evenEmpty(qualifiedName) } },
  "api.core.v1.PodResourceClaim": {
    filled: ["name"],
    formats: {
      name: dnsLabel,
      resourceClaimName: evenEmpty(dnsSubdomain),
      resourceClaimTemplateName: evenEmpty(dnsSubdomain),
    },
    oneOf: { fields: ["resourceClaimName", "resourceClaimTemplateName"], required: true },
  },
  "api.core.v1.ResourceClaim": { filled: ["name"], formats: { request: dnsLabel } },
  "api.core.v1.Toleration": {
    formats: { key: qualifiedName, value: labelValue },
    check: checkToleration,
  },
  "api.core.v1.TopologySpreadConstraint": {
    filled: ["maxSkew", "topologyKey", "whenUnsatisfiable"],
    formats: {
      maxSkew: atLeast(1),
      minDomains: atLeast(1),
      nodeAffinityPolicy: chosen,
      nodeTaintsPolicy: chosen,
    },
    check({ minDomains, whenUnsatisfiable }, found) {
      if (isSet(minDomains) && whenUnsatisfiable === "ScheduleAnyway") {
        found.problem(
          ["minDomains"],
          '"minDomains" must be left out where whenUnsatisfiable is ScheduleAnyway',
        );
      }
    },
  },
  "api.core.v1.PodOS": { filled: ["name"] },
  "api.core.v1.FileKeySelector": {
    filled: ["key", "path", "volumeName"],
    formats: { key: envName },
  },
  "api.core.v1.Pod": {
    filled: ["spec"],
    check({ spec }, found) {
      for (const list of ["containers", "initContainers"]) {
        for (const [index, { image }] of recordsOf(recordOf(spec)[list])) {
          if (typeof image === "string" && image !== image.trim()) {
            found.expected(
              ["spec", list, index, "image"],
              "an image without spaces around it",
              image,
            );
          }
        }
      }
    },
  },
};

function checkPodSpec(spec: Fields, found: Findings): void {
  const { dnsPolicy, dnsConfig, topologySpreadConstraints, schedulingGates } = spec;
  checkLabels(found, spec["nodeSelector"], ["nodeSelector"]);
  checkAmounts(found, spec["overhead"], ["overhead"], "container");
  if (dnsPolicy === "None" && isEmpty(recordOf(dnsConfig)["nameservers"])) {
    found.problem(
      ["dnsConfig", "nameservers"],
      "name servers are required where dnsPolicy is None",
    );
  }
  if (spec["hostNetwork"] === true) checkHostPorts(spec, found);
  if (spec["hostPID"] === true && spec["shareProcessNamespace"] === true) {
    found.problem(
      ["shareProcessNamespace"],
      '"shareProcessNamespace" cannot be true beside hostPID',
    );
  }
  if (spec["hostUsers"] === false) {
    for (const name of ["hostPID", "hostIPC"]) {
      if (spec[name] === true)
        found.problem([name], `"${name}" cannot be true where hostUsers is false`);
    }
  }
  reportRepeated(found, schedulingGates, ["schedulingGates"], ({ name }) => textOf(name));
  reportRepeated(
    found,
    topologySpreadConstraints,
    ["topologySpreadConstraints"],
    (constraint) =>
      `topologyKey ${String(constraint["topologyKey"])}, whenUnsatisfiable ${String(constraint["whenUnsatisfiable"])}`,
  );
}

function checkHostPorts(spec: Fields, found: Findings): void {
  for (const [index, container] of recordsOf(spec["containers"])) {
    for (const [at, { hostPort, containerPort }] of recordsOf(container["ports"])) {
      if (!isEmpty(hostPort) && hostPort !== containerPort) {
        const path = ["containers", index, "ports", at, "hostPort"];
        found.expected(
          path,
          "the same as containerPort, for the pod is in the host's network",
          hostPort,
        );
      }
    }
  }
}

/** Names of the volumes that a StatefulSet makes for its pods. */
function claimNames(parents: readonly Fields[]): string[] {
  const claims = recordsOf(parents.at(-2)?.["volumeClaimTemplates"]);
  return claims.map(([, { metadata }]) => textOf(recordOf(metadata)["name"]));
}

function checkSecurityContext(context: Fields, found: Findings): void {
  const { allowPrivilegeEscalation, privileged, capabilities } = context;
  if (allowPrivilegeEscalation !== false) return;
  const path = ["allowPrivilegeEscalation"];
  if (privileged === true) {
    found.problem(path, '"allowPrivilegeEscalation" cannot be false where privileged is true');
  } else if (listOf(recordOf(capabilities)["add"]).includes("CAP_SYS_ADMIN")) {
    found.problem(
      path,
      '"allowPrivilegeEscalation" cannot be false beside the capability CAP_SYS_ADMIN',
    );
  }
}

function checkLocalhostProfile({ type, localhostProfile }: Fields, found: Findings): void {
  if (type === "Localhost" && !isSet(localhostProfile)) {
    found.problem(["localhostProfile"], "a profile is required where the type is Localhost");
  } else if (type !== "Localhost" && isSet(localhostProfile)) {
    found.problem(["localhostProfile"], "a profile must be left out unless the type is Localhost");
  }
}

function checkToleration(toleration: Fields, found: Findings): void {
  const { key, operator, value, effect, tolerationSeconds } = toleration;
  if (isEmpty(key) && operator !== "Exists") {
    found.problem(["operator"], "without a key the operator must be Exists");
  }
  if (operator === "Exists" && !isEmpty(value)) {
    found.problem(["value"], "a value must be left out where the operator is Exists");
  }
  if (isSet(tolerationSeconds) && effect !== "NoExecute") {
    found.problem(["effect"], "with tolerationSeconds the effect must be NoExecute");
  }
}
