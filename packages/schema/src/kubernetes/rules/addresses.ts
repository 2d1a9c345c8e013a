import type { Format } from "./rule.ts";

/** An address as bits. */
interface Address {
  readonly bits: bigint;
  readonly length: 32 | 128;
}

export const ipAddress: Format = {
  expected: 'an IP address such as "10.1.2.3"',
  fits: (value) => typeof value !== "string" || parseAddress(value) !== undefined,
};

export const cidr: Format = {
  expected: 'a CIDR such as "10.0.0.0/8"',
  fits: (value) => typeof value !== "string" || parseCidr(value) !== undefined,
};

/** An IP address that pods or a service can have. */
export const endpointAddress: Format = {
  expected: "an IP address that is neither unspecified, loopback nor link-local",
  fits(value) {
    if (typeof value !== "string") return true;
    const address = parseAddress(value);
    return address !== undefined && !reserved.some((block) => contains(parseCidr(block)!, address));
  },
};

const reserved = [
  "0.0.0.0/32",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/24",
  "::/128",
  "::1/128",
  "fe80::/10",
  "ff02::/16",
];

export function isIPv4(text: string): boolean {
  return parseAddress(text)?.length === 32;
}

export function isIPv6(text: string): boolean {
  return parseAddress(text)?.length === 128;
}

/** Tells whether a block is a part of another one, and smaller. */
export function isInside(inner: string, outer: string): boolean {
  const [small, big] = [parseCidr(inner), parseCidr(outer)];
  if (small === undefined || big === undefined) return true;
  return small.prefix > big.prefix && contains(big, small);
}

interface Block extends Address {
  readonly prefix: number;
}

function contains(block: Block, address: Address): boolean {
  if (block.length !== address.length) return false;
  const shift = BigInt(block.length - block.prefix);
  return block.bits >> shift === address.bits >> shift;
}

// As the API server does in these fields, leading zeros are taken: they stand for decimal numbers.
function parseCidr(text: string): Block | undefined {
  const match = /^(.+)\/(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const address = parseAddress(match[1]!);
  const prefix = Number(match[2]);
  return address === undefined || prefix > address.length ? undefined : { ...address, prefix };
}

function parseAddress(text: string): Address | undefined {
  const bits = text.includes(":") ? parseIPv6(text) : parseIPv4(text);
  if (bits === undefined) return undefined;
  return { bits, length: text.includes(":") ? 128 : 32 };
}

function parseIPv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (!/^\d+$/.test(part) || Number(part) > 255) return undefined;
    bits = (bits << 8n) | BigInt(Number(part));
  }
  return bits;
}

function parseIPv6(text: string): bigint | undefined {
  const tail = text.slice(text.lastIndexOf(":") + 1);
  if (tail.includes(".")) {
    const bits = parseIPv4(tail);
    if (bits === undefined) return undefined;
    const groups = `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
    return parseIPv6(text.slice(0, -tail.length) + groups);
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, rest] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head!.length - (rest?.length ?? 0);
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [
    ...head!,
    ...Array<string>(rest === undefined ? 0 : missing).fill("0"),
    ...(rest ?? []),
  ];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
