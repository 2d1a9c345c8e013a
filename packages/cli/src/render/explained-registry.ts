import { printable } from "@tenon/core";
import type { RegistryExplanation } from "@tenon/deploy";

import type { CommandResult } from "../define-command.ts";

type Source = RegistryExplanation["sources"][number];
type Request = Source["requests"][number];

/** How a reference was looked up, for people and for programs. */
export function explainedRegistry(explanation: RegistryExplanation): CommandResult {
  const { reference, sources, digest } = explanation;
  const { given, host, repository, wanted, notes } = reference;
  const lines = [
    `reference ${given}`,
    `  read as ${host}/${repository}${wanted.includes(":") ? "@" : ":"}${wanted}`,
    ...notes.map((note) => `  ${note}`),
    ...tableLines(explanation),
    ...sources.flatMap((source, index) => sourceLines(source, index + 1)),
    ...conclusionLines(explanation),
  ];
  return {
    data: explanation,
    text: lines.map((line) => printable(line).replaceAll("\n", " ")).join("\n"),
    exitCode: digest === undefined ? 1 : 0,
  };
}

function tableLines({ table: { files, entry } }: RegistryExplanation): string[] {
  if (files.length === 0) return ["mirror table none: no registries.conf was found"];
  const lines = [`mirror table ${files.join(", ")}`];
  if (entry === undefined) return [...lines, "  no entry is about this reference"];
  const { prefix, location, file, line, leftOut } = entry;
  const place = location === "" || location === prefix ? "" : `, which is at ${location}`;
  return [
    ...lines,
    `  entry ${prefix}${place} (${file}, line ${line})`,
    ...leftOut.map((mirror) => `  mirror ${mirror} is not asked: by pull-from-mirror`),
  ];
}

function sourceLines(source: Source, number: number): string[] {
  const { kind, name, outcome, digest, error } = source;
  const title = `${number}. ${kind === "mirror" ? "mirror" : "registry"} ${name}`;
  if (outcome === "not asked") return [`${title}: not asked`];
  return [
    `${title}: ${outcome}`,
    `   proxy ${source.proxy ?? "none"}`,
    `   TLS ${tlsText(source.tls)}`,
    ...credentialLines(source),
    ...source.requests.flatMap(requestLines),
    `   ${error === undefined ? digest : `${error.message} [${error.code}]`}`,
  ];
}

function tlsText({ insecure, extraAuthorities }: Source["tls"]): string {
  if (insecure !== undefined) return `any certificate, and plain HTTP, because of ${insecure}`;
  const own = "the authorities of Node.js";
  return extraAuthorities === undefined
    ? own
    : `${own} and those of ${extraAuthorities} (NODE_EXTRA_CA_CERTS)`;
}

function credentialLines({ credentials, requests }: Source): string[] {
  if (credentials.length > 0) {
    return credentials.map(
      ({ place, result, found }) => `   credentials ${place}: ${result}${found ? " (used)" : ""}`,
    );
  }
  const wasAsked = requests.some(({ challenges }) => challenges.length > 0);
  return wasAsked ? [] : ["   credentials none: nobody asked for any"];
}

function requestLines(request: Request): string[] {
  const { method, url, authorization, status, error, redirectedTo } = request;
  const proof = authorization === "none" ? "anonymous" : `with ${proofs[authorization]}`;
  return [
    `   ${method} ${url} ${proof}: ${status ?? error}`,
    ...(redirectedTo === undefined ? [] : [`     sent on to ${redirectedTo}`]),
    ...request.challenges.map(({ scheme, parameters }) => {
      const texts = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
      return `     wants ${[scheme, ...texts].join(" ")}`;
    }),
    ...request.warnings.map((text) => `     warns ${text}`),
  ];
}

const proofs: Readonly<Record<Exclude<Request["authorization"], "none">, string>> = {
  basic: "user and password",
  bearer: "an access token",
  "identity token": "an identity token",
};

function conclusionLines({ digest, from, sources }: RegistryExplanation): string[] {
  if (digest !== undefined) return [`found ${digest} at ${from}`];
  const last = sources.at(-1)?.error;
  return ["not found", ...(last?.hint === undefined ? [] : [`next: ${last.hint}`])];
}
