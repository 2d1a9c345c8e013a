import type { KubeObjectView } from "@tenon/core";

const longNumber = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/**
 * Parses an object that the server sent. Integers too large for JavaScript become strings of
 * their digits, so that two of them never look equal when they are not.
 */
export function parseLive(text: string): KubeObjectView {
  const exact = /[:[,]\s*-?\d{16,}/.test(text)
    ? text.replaceAll(longNumber, (token) => {
        if (token.startsWith('"')) return token;
        return Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
      })
    : text;
  return JSON.parse(exact) as KubeObjectView;
}

/** One entry of `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** Field managers of an object. */
export function managedFields(view: KubeObjectView): readonly ManagedFields[] {
  return (view.metadata["managedFields"] as readonly ManagedFields[] | undefined) ?? [];
}

/** `metadata.uid` of an object that the server sent. */
export function uidOf(view: KubeObjectView): string | undefined {
  return view.metadata["uid"] as string | undefined;
}

/** Tells an object that was asked to go and still has finalizers. */
export function isTerminating(view: KubeObjectView): boolean {
  return view.metadata["deletionTimestamp"] !== undefined;
}
