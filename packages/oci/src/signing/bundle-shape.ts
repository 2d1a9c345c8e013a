import { X509Certificate } from "node:crypto";

import type { Bundle } from "@sigstore/bundle";

import { Rejection } from "./rejection.ts";

const signatureLine = /\u2014 (\S+) \S+\n/g;
const logName = /^[A-Za-z0-9._~:/-]+$/;

/**
 * Refuses what would keep the library busy: names of logs, which it takes for regular expressions, and
 * certificates that issued themselves, whose chain it follows for ever.
 *
 * @throws Rejection
 */
export function checkBundleShape({ verificationMaterial }: Bundle): void {
  const { content, tlogEntries } = verificationMaterial;
  for (const { inclusionProof } of tlogEntries) {
    const { envelope = "" } = inclusionProof?.checkpoint ?? {};
    for (const [, name = ""] of envelope.matchAll(signatureLine)) {
      if (!logName.test(name)) {
        throw new Rejection(`its transparency log has the name ${JSON.stringify(name)}`);
      }
    }
  }
  const certificates =
    content.$case === "certificate"
      ? [content.certificate]
      : content.$case === "x509CertificateChain"
        ? content.x509CertificateChain.certificates
        : [];
  for (const { rawBytes } of certificates) {
    const certificate = new X509Certificate(rawBytes);
    if (certificate.verify(certificate.publicKey)) {
      throw new Rejection("its certificate is not trusted: it issued itself");
    }
  }
}
