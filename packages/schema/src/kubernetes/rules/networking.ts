import { cidr, endpointAddress, ipAddress, isIPv4, isIPv6, isInside } from "./addresses.ts";
import {
  between,
  dnsLabel,
  dnsSubdomain,
  evenEmpty,
  matching,
  oneOf,
  pathSegment,
  port,
  portNameOnly,
  portOrName,
  qualifiedName,
  labelValue,
  wildcardHost,
} from "./formats.ts";
import { checkLabels, checkName, forbid } from "./metadata.ts";
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

const protocols = oneOf("TCP", "UDP", "SCTP");

const namedPort = {
  formats: { name: dnsLabel, port, protocol: protocols, appProtocol: evenEmpty(qualifiedName) },
};

export const networkingRules: RuleTable = {
  "api.core.v1.Service": { filled: ["spec"], check: checkName(dnsLabel) },
  "api.networking.v1.Ingress": { filled: ["spec"] },
  "api.core.v1.ServiceSpec": {
    formats: {
      ipFamilies: oneOf("IPv4", "IPv6"),
      ipFamilyPolicy: evenEmpty(oneOf("PreferDualStack", "RequireDualStack", "SingleStack")),
      trafficDistribution: evenEmpty(oneOf("PreferClose", "PreferSameZone", "PreferSameNode")),
      loadBalancerSourceRanges: trimmed(),
      externalIPs: endpointAddress,
      loadBalancerClass: evenEmpty(qualifiedName),
      internalTrafficPolicy: evenEmpty(oneOf("Cluster", "Local")),
      healthCheckNodePort: { ...port, fits: (value) => value === 0 || port.fits(value) },
    },
    check: checkService,
  },
  "api.core.v1.ServicePort": {
    formats: {
      ...namedPort.formats,
      targetPort: {
        ...portOrName,
        fits: (value) => value === 0 || value === "" || portOrName.fits(value),
      },
    },
  },
  "api.networking.v1.IngressSpec": {
    formats: { ingressClassName: evenEmpty(dnsSubdomain) },
    check({ rules, defaultBackend }, found) {
      if (isEmpty(rules) && !isSet(defaultBackend))
        found.problem([], "one of rules and defaultBackend is required");
    },
  },
  "api.networking.v1.IngressTLS": { formats: { hosts: wildcardHost, secretName: dnsSubdomain } },
  "api.networking.v1.IngressRule": {
    formats: {
      host: {
        expected: `${wildcardHost.expected}, and no IP address`,
        fits: (value) => wildcardHost.fits(value) && !isIPv4(String(value)),
      },
    },
  },
  "api.networking.v1.HTTPIngressRuleValue": { filled: ["paths"] },
  "api.networking.v1.HTTPIngressPath": { filled: ["pathType"], check: checkIngressPath },
  "api.networking.v1.IngressBackend": {
    oneOf: { fields: ["service", "resource"], required: true },
    check({ resource }, found) {
      if (!isSet(resource)) return;
      const { apiGroup, kind, name } = recordOf(resource);
      for (const [field, value] of Object.entries({ kind, name })) {
        if (isEmpty(value)) {
          found.problem(["resource", field], `required field "${field}" is missing`);
        } else if (typeof value === "string" && !pathSegment.fits(value)) {
          found.expected(["resource", field], pathSegment.expected, value);
        }
      }
      if (typeof apiGroup === "string" && !dnsSubdomain.fits(apiGroup)) {
        found.expected(["resource", "apiGroup"], dnsSubdomain.expected, apiGroup);
      }
    },
  },
  "api.networking.v1.IngressServiceBackend": {
    filled: ["name"],
    formats: { name: dnsLabel },
    check({ port: given }, found) {
      const { name, number } = recordOf(given);
      if (isEmpty(name) === isEmpty(number))
        found.problem(["port"], "one of name and number is required");
    },
  },
  "api.networking.v1.ServiceBackendPort": {
    formats: {
      name: portNameOnly,
      number: { ...port, fits: (value) => value === 0 || port.fits(value) },
    },
  },
  "api.networking.v1.IngressClass": { filled: ["spec"] },
  "api.networking.v1.IngressClassSpec": {
    filled: ["controller"],
    formats: {
      controller: matching(
        'a DNS name, a slash and a path, such as "example.com/ingress"',
        /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9/._~%!$&'()*+,;=:-]+$/,
        250,
      ),
    },
  },
  "api.networking.v1.IngressClassParametersReference": {
    filled: ["kind", "name"],
    formats: {
      apiGroup: evenEmpty(dnsSubdomain),
      scope: evenEmpty(oneOf("Cluster", "Namespace")),
      kind: pathSegment,
      name: pathSegment,
      namespace: evenEmpty(dnsLabel),
    },
    check({ scope, namespace }, found) {
      if (scope === "Namespace" && !isSet(namespace)) {
        found.problem(
          ["namespace"],
          'required field "namespace" is missing: the scope is Namespace',
        );
      } else if (scope !== "Namespace" && isSet(namespace)) {
        found.problem(["namespace"], '"namespace" must be left out where the scope is Cluster');
      }
    },
  },
  "api.networking.v1.NetworkPolicySpec": {
    formats: { policyTypes: oneOf("Ingress", "Egress") },
    check({ policyTypes }, found) {
      if (listOf(policyTypes).length > 2)
        found.problem(["policyTypes"], "at most two types can be given");
    },
  },
  "api.networking.v1.NetworkPolicyPort": {
    formats: { port: portOrName, endPort: port, protocol: evenEmpty(protocols) },
    check({ port: first, endPort }, found) {
      if (!isSet(endPort)) return;
      if (typeof first !== "number") found.problem(["endPort"], '"endPort" needs a number as port');
      else if (Number(endPort) < first)
        found.expected(["endPort"], `at least the port, which is ${first}`, endPort);
    },
  },
  "api.networking.v1.NetworkPolicyPeer": {
    check(peer, found) {
      const { podSelector, namespaceSelector, ipBlock } = peer;
      const selects = isSet(podSelector) || isSet(namespaceSelector);
      if (!selects && !isSet(ipBlock))
        found.problem([], "one of podSelector, namespaceSelector and ipBlock is required");
      if (selects && isSet(ipBlock))
        found.problem(["ipBlock"], '"ipBlock" must be left out beside a selector');
    },
  },
  "api.networking.v1.IPBlock": {
    filled: ["cidr"],
    formats: { cidr, except: cidr },
    check({ cidr: block, except }, found) {
      for (const [index, part] of listOf(except).entries()) {
        if (typeof part === "string" && typeof block === "string" && !isInside(part, block)) {
          found.expected(["except", index], `a part of ${block}`, part);
        }
      }
    },
  },
  "api.core.v1.EndpointPort": namedPort,
  "api.core.v1.EndpointAddress": {
    filled: ["ip"],
    formats: { ip: endpointAddress, hostname: dnsLabel, nodeName: evenEmpty(dnsSubdomain) },
  },
  "api.core.v1.EndpointSubset": {
    check({ addresses, notReadyAddresses, ports }, found) {
      if (isEmpty(addresses) && isEmpty(notReadyAddresses)) {
        found.problem([], "one of addresses and notReadyAddresses is required");
      }
      requireNames(ports, found);
    },
  },
  "api.discovery.v1.EndpointSlice": {
    filled: ["addressType"],
    check({ addressType, endpoints, ports }, found) {
      for (const [index, { addresses }] of recordsOf(endpoints)) {
        checkAddresses(found, addresses, addressType, index);
      }
      reportRepeated(found, ports, ["ports"], ({ name }) => `name ${JSON.stringify(name ?? "")}`);
    },
  },
  "api.discovery.v1.Endpoint": {
    filled: ["addresses"],
    formats: { nodeName: evenEmpty(dnsSubdomain), hostname: evenEmpty(dnsLabel) },
    check: ({ deprecatedTopology }, found) =>
      checkLabels(found, deprecatedTopology, ["deprecatedTopology"]),
  },
  "api.discovery.v1.EndpointPort": {
    formats: {
      name: dnsLabel,
      protocol: evenEmpty(protocols),
      appProtocol: evenEmpty(qualifiedName),
    },
  },
  "api.discovery.v1.EndpointHints": {
    check({ forZones, forNodes }, found) {
      const nameOf = ({ name }: Fields) =>
        typeof name === "string" ? `name ${JSON.stringify(name)}` : "";
      reportRepeated(found, forZones, ["forZones"], nameOf);
      reportRepeated(found, forNodes, ["forNodes"], nameOf);
    },
  },
  "api.discovery.v1.ForZone": { formats: { name: labelValue } },
  "api.discovery.v1.ForNode": { formats: { name: evenEmpty(dnsSubdomain) } },
  "api.networking.v1.IPAddress": { check: checkName(ipAddress) },
  "api.networking.v1.IPAddressSpec": { filled: ["parentRef"] },
  "api.networking.v1.ParentReference": {
    filled: ["resource", "name"],
    formats: { group: dnsSubdomain, resource: pathSegment, name: pathSegment },
  },
  "api.networking.v1.ServiceCIDR": { filled: ["spec"] },
  "api.networking.v1.ServiceCIDRSpec": { filled: ["cidrs"], formats: { cidrs: cidr } },
};

function trimmed() {
  return { ...cidr, fits: (value: string | number) => cidr.fits(String(value).trim()) };
}

/** No type stands for ClusterIP. */
const serviceTypes: readonly unknown[] = [
  "",
  "ClusterIP",
  "ExternalName",
  "LoadBalancer",
  "NodePort",
];

function checkService(spec: Fields, found: Findings): void {
  const { type = "", ports, clusterIP, externalName } = spec;
  const isHeadless = clusterIP === "None";
  checkLabels(found, spec["selector"], ["selector"]);
  if (!serviceTypes.includes(type)) return;
  if (type === "ExternalName") {
    if (isEmpty(externalName))
      found.problem(["externalName"], 'required field "externalName" is missing');
    else if (
      typeof externalName === "string" &&
      !dnsSubdomain.fits(externalName.replace(/\.$/, ""))
    ) {
      found.expected(["externalName"], dnsSubdomain.expected, externalName);
    }
    for (const name of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
      forbid(found, spec, name, "where the type is ExternalName");
    }
  } else {
    if (isEmpty(ports) && !isHeadless)
      found.problem(["ports"], 'required field "ports" is missing');
    checkClusterIPs(spec, found);
  }
  if (isHeadless && (type === "LoadBalancer" || type === "NodePort")) {
    found.problem(["clusterIP"], `"clusterIP" cannot be None where the type is ${type}`);
  }
  if (type !== "LoadBalancer") {
    for (const name of ["loadBalancerSourceRanges", "loadBalancerClass"]) {
      forbid(found, spec, name, "unless the type is LoadBalancer");
    }
    if (isSet(spec["allocateLoadBalancerNodePorts"])) {
      const message =
        '"allocateLoadBalancerNodePorts" must be left out unless the type is LoadBalancer';
      found.problem(["allocateLoadBalancerNodePorts"], message);
    }
  }
  checkServicePorts(spec, found);
  checkAffinity(spec, found);
  checkTrafficPolicy(spec, found);
}

function checkServicePorts({ type = "ClusterIP", ports }: Fields, found: Findings): void {
  requireNames(ports, found);
  reportRepeated(found, ports, ["ports"], ({ name }) =>
    isEmpty(name) ? "" : `name ${JSON.stringify(name)}`,
  );
  reportRepeated(found, ports, ["ports"], ({ nodePort, protocol }) =>
    isEmpty(nodePort) ? "" : `nodePort ${String(nodePort)}, protocol ${textOf(protocol) || "TCP"}`,
  );
  for (const [index, { nodePort, port: number }] of recordsOf(ports)) {
    if (number === 0) found.expected(["ports", index, "port"], "a port from 1 to 65535", number);
    if (!isEmpty(nodePort) && (isEmpty(type) || type === "ClusterIP")) {
      found.problem(
        ["ports", index, "nodePort"],
        '"nodePort" needs the type NodePort or LoadBalancer',
      );
    }
  }
}

/** Several ports need names. */
function requireNames(ports: unknown, found: Findings): void {
  const list = recordsOf(ports);
  if (list.length < 2) return;
  for (const [index, { name }] of list) {
    if (isEmpty(name))
      found.problem(["ports", index, "name"], "each port needs a name where there are several");
  }
}

function checkClusterIPs({ clusterIP, clusterIPs, ipFamilies }: Fields, found: Findings): void {
  const list = listOf(clusterIPs);
  if (list.length > 2) found.problem(["clusterIPs"], "at most two addresses can be given");
  for (const [index, address] of list.entries()) {
    if (index === 0 && address === "None") continue;
    if (typeof address === "string" && !ipAddress.fits(address)) {
      found.expected(["clusterIPs", index], ipAddress.expected, address);
    }
  }
  if (
    typeof clusterIP === "string" &&
    clusterIP !== "" &&
    clusterIP !== "None" &&
    !ipAddress.fits(clusterIP)
  ) {
    found.expected(["clusterIP"], `${ipAddress.expected}, or "None"`, clusterIP);
  } else if (!isEmpty(clusterIP) && list.length > 0 && list[0] !== clusterIP) {
    found.expected(["clusterIPs", 0], "the same as clusterIP", list[0]);
  } else if (isEmpty(clusterIP) && list.length > 0) {
    found.problem(["clusterIP"], "it is required beside clusterIPs");
  }
  const families = listOf(ipFamilies);
  for (const [index, family] of families.entries()) {
    if (families.indexOf(family) < index)
      found.problem(["ipFamilies", index], `duplicate of ${String(family)}`);
  }
}

const affinitySeconds = between(1, 86_400, "seconds");

// Without ClientIP, the API server drops the configuration.
function checkAffinity({ sessionAffinity, sessionAffinityConfig }: Fields, found: Findings): void {
  if (sessionAffinity !== "ClientIP") return;
  const { timeoutSeconds } = recordOf(recordOf(sessionAffinityConfig)["clientIP"]);
  if (typeof timeoutSeconds === "number" && !affinitySeconds.fits(timeoutSeconds)) {
    const path = ["sessionAffinityConfig", "clientIP", "timeoutSeconds"];
    found.expected(path, affinitySeconds.expected, timeoutSeconds);
  }
}

function checkTrafficPolicy(spec: Fields, found: Findings): void {
  const { type, externalTrafficPolicy, externalIPs } = spec;
  const isExternal =
    type === "LoadBalancer" ||
    type === "NodePort" ||
    (type !== "ExternalName" && !isEmpty(externalIPs));
  if (!isExternal)
    forbid(found, spec, "externalTrafficPolicy", "unless the service is reached from outside");
  if (type !== "LoadBalancer" || externalTrafficPolicy !== "Local") {
    forbid(
      found,
      spec,
      "healthCheckNodePort",
      "unless the type is LoadBalancer and externalTrafficPolicy Local",
    );
  }
}

function checkIngressPath({ path, pathType }: Fields, found: Findings): void {
  const isStrict = pathType === "Exact" || pathType === "Prefix";
  if (isEmpty(path)) {
    if (isStrict) found.problem(["path"], `a path is required where pathType is ${pathType}`);
    return;
  }
  if (typeof path !== "string") return;
  if (!path.startsWith("/")) found.expected(["path"], "a path that begins with /", path);
  else if (isStrict && /\/\/|\/\.\/|\/\.\.\/|%2f|%2F|\/\.\.?$/.test(path)) {
    found.expected(["path"], 'a path without "//", "/./", "/../" and "%2f"', path);
  }
}

function checkAddresses(
  found: Findings,
  addresses: unknown,
  type: unknown,
  endpoint: number,
): void {
  const list = listOf(addresses);
  if (list.length > 100)
    found.problem(["endpoints", endpoint, "addresses"], "at most 100 addresses can be given");
  for (const [index, address] of list.entries()) {
    if (typeof address !== "string") continue;
    const path = ["endpoints", endpoint, "addresses", index];
    if (type === "FQDN") {
      if (!/^[a-z0-9.-]+\.[a-z0-9-]+\.?$/.test(address))
        found.expected(path, "a DNS name with a dot", address);
    } else if (type === "IPv4" ? !isIPv4(address) : type === "IPv6" && !isIPv6(address)) {
      found.expected(path, `an address of ${String(type)}`, address);
    } else if (!endpointAddress.fits(address)) {
      found.expected(path, endpointAddress.expected, address);
    }
  }
}
