import { printable } from "@tenon/core";
import type { DescribedRule, ExplainedSignature, TrustExplanation } from "@tenon/deploy";

import type { CommandResult } from "../define-command.ts";
import { exitCodes } from "../exit-code.ts";
import type { Paint } from "./paint.ts";

/** The result of `trust explain`: the artifact, what decided about it, and its signatures. */
export function trustExplanation(explained: TrustExplanation, paint: Paint): CommandResult {
  const { repository, tag, digest, policy, rule, signatures, trusted, reason } = explained;
  const verdict = trusted ? paint.green("yes") : paint.red("no");
  const lines = [
    `artifact: ${repository}${tag === undefined ? "" : `:${tag}`}@${digest}`,
    `policy: ${policy ?? "none"}`,
    ...(rule === undefined ? [] : [`rule: ${ruleLine(rule, paint)}`]),
    ...signatures.map((signature) => signatureLine(signature, paint)),
    `trusted: ${verdict}, ${reason}`,
  ];
  return {
    data: explained,
    text: lines.join("\n"),
    exitCode: trusted ? exitCodes.ok : exitCodes.failed,
  };
}

/** A rule with its place. */
export function ruleLine(rule: DescribedRule, paint: Paint): string {
  const { file, line, prefix, demand, signers, threshold, immutableTags } = rule;
  const wanted = demand === "signed" ? `${threshold} of ${signers.join(", ")}` : demand;
  const tags = immutableTags ? "; tags are immutable" : "";
  return `${paint.dim(`${file}:${line}`)} ${paint.cyan(prefix)}: ${wanted}${tags}`;
}

function signatureLine(signature: ExplainedSignature, paint: Paint): string {
  const { digest, format, signer, reason = "" } = signature;
  const worth =
    signer === undefined
      ? `${paint.yellow("worth nothing")}, ${printable(reason)}`
      : `${paint.green("good")}, by ${signer}`;
  return `signature: ${digest} (${format}): ${worth}`;
}
