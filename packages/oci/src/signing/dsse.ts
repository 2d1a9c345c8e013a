/** Media type of an in-toto statement. */
export const STATEMENT_MEDIA_TYPE = "application/vnd.in-toto+json" as const;

/**
 * The bytes that a signature of a DSSE envelope is over:
 * https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  const head = `DSSEv1 ${type.byteLength} ${payloadType} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
