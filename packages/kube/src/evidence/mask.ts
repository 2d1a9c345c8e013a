import { type ResourceSet, secretWords } from "@tenon/core";

/** Hides what must not be shown in a text. */
export type Mask = (text: string) => string;

/** Shorter texts are parts of ordinary words: hiding them would hide everything. */
const shortestWord = 3;
/** The same for what is only a part of a secret. */
const shortestPart = 6;

/**
 * A mask for what the objects keep in Secrets, also where it comes in parts: a program may print
 * one line of a key, one member of a JSON document, or the password of a URL.
 */
export function maskFor(sets: readonly ResourceSet[]): Mask {
  let words: readonly string[] | undefined;
  return (text) => {
    words ??= formsOf(secretWords(sets));
    let masked = text;
    for (const word of words) masked = masked.replaceAll(word, "***");
    return masked;
  };
}

/** Masks all texts in a JSON value, the names of members left out. */
export function maskAll<T>(value: T, mask: Mask): T {
  if (typeof value === "string") return mask(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => maskAll(item, mask)) as T;
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, maskAll(member, mask)]);
  return Object.fromEntries(members) as T;
}

/** The longest first: a word may be part of another. */
function formsOf(secrets: readonly string[]): string[] {
  const words = secrets.map((secret) => secret.trim()).filter(atLeast(shortestWord));
  const parts = words.flatMap(partsOf).filter(atLeast(shortestPart));
  const forms = [...words, ...parts].flatMap((word) => [
    word,
    Buffer.from(word).toString("base64"),
    JSON.stringify(word).slice(1, -1),
    encodeURIComponent(word),
  ]);
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}

function atLeast(length: number): (text: string) => boolean {
  return (text) => text.length >= length;
}

const assignment = /^\s*[\w.-]+\s*[:=]\s*["']?(.+?)["']?\s*$/;
const urlPassword = /:\/\/[^\s/:@]*:([^\s/@]+)@/g;

function partsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/);
  return [
    ...lines.flatMap((line) => [line.trim(), assignment.exec(line)?.[1] ?? ""]),
    ...[...secret.matchAll(urlPassword)].map(([, password = ""]) => decode(password)),
    ...jsonTexts(secret),
  ];
}

function decode(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

function jsonTexts(secret: string): string[] {
  if (!/^\s*[[{]/.test(secret)) return [];
  try {
    return leaves(JSON.parse(secret));
  } catch {
    return [];
  }
}

function leaves(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leaves);
}
