import type { Format } from "./rule.ts";

/** A text that a pattern matches. */
export function matching(expected: string, pattern: RegExp, maxLength: number = Infinity): Format {
  return {
    expected,
    fits: (value) =>
      typeof value !== "string" || (value.length <= maxLength && pattern.test(value)),
  };
}

/** A number within bounds; texts, which fields of two types may have, fit. */
export function between(min: number, max: number, what = "a number"): Format {
  return {
    expected: `${what} from ${min} to ${max}`,
    fits: (value) => typeof value !== "number" || (value >= min && value <= max),
  };
}

/** A number that is not too small. */
export function atLeast(min: number): Format {
  return {
    expected: `a number of at least ${min}`,
    fits: (value) => typeof value !== "number" || value >= min,
  };
}

/** One of a few texts. */
export function oneOf(...texts: readonly string[]): Format {
  return {
    expected: `one of ${texts.map((text) => JSON.stringify(text)).join(", ")}`,
    fits: (value) => typeof value !== "string" || texts.includes(value),
  };
}

/** The format, for a field in which an empty text is a value too. */
export function evenEmpty(format: Format): Format {
  return { ...format, empty: true };
}

/** A choice that is either made or left out. */
export const chosen: Format = {
  expected: "a value, or no field",
  empty: true,
  fits: (value) => value !== "",
};

/** The format in lower case, for names whose case does not matter. */
export function inAnyCase(format: Format): Format {
  return {
    ...format,
    fits: (value) => format.fits(typeof value === "string" ? value.toLowerCase() : value),
  };
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;

/** What names and labels consist of, without their lengths. */
export const patterns: Readonly<
  Record<"dnsLabel" | "dnsSubdomain" | "labelValue" | "nameOfKey", RegExp>
> = {
  dnsLabel: new RegExp(`^${label}$`),
  dnsSubdomain: new RegExp(`^${subdomain}$`),
  labelValue: /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/,
  /** The part of a key after its prefix. */
  nameOfKey: /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/,
};

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const dnsLabel: Format = matching(
  "lower-case letters, digits and dashes, at most 63",
  patterns.dnsLabel,
  63,
);

export const dnsSubdomain: Format = matching(
  "a lower-case DNS name, at most 253 characters",
  patterns.dnsSubdomain,
  253,
);

export const dnsLabelWithLetterFirst: Format = matching(
  "a lower-case letter, then letters, digits and dashes, at most 63",
  /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  63,
);

export const wildcardHost: Format = matching(
  'a lower-case DNS name, or one that begins with "*."',
  new RegExp(`^(\\*\\.)?${subdomain}$`),
  253,
);

export const labelValue: Format = matching(
  "a label value: letters, digits, -, _ and ., at most 63",
  patterns.labelValue,
  63,
);

/** Keys of labels, and many other names: a name of at most 63 characters, with or without a DNS prefix. */
export const qualifiedName: Format = {
  expected: "letters, digits, -, _ and ., at most 63, which a DNS name and / may precede",
  fits(value) {
    if (typeof value !== "string") return true;
    const parts = value.split("/");
    const name = parts.at(-1)!;
    const hasPrefix = parts.length === 2;
    if (parts.length > 2 || (hasPrefix && !dnsSubdomain.fits(parts[0]!))) return false;
    return name.length <= 63 && patterns.nameOfKey.test(name);
  },
};

/** Keys of ConfigMaps and Secrets. */
export const dataKey: Format = {
  expected: "letters, digits, -, _ and ., at most 253",
  fits: (value) =>
    typeof value !== "string" ||
    (/^[-._a-zA-Z0-9]+$/.test(value) &&
      value.length <= 253 &&
      value !== "." &&
      !value.startsWith("..")),
};

/** Names that may be part of a URL. */
export const pathSegment: Format = {
  expected: 'a name without / and %, other than "." and ".."',
  fits: (value) => typeof value !== "string" || !(/[/%]/.test(value) || /^\.\.?$/.test(value)),
};

export const envName: Format = matching("printable ASCII characters other than =", /^[ -<>-~]+$/);

const portNumber = between(1, 65_535, "a port");
const portName = {
  fits: (text: string) =>
    /^[a-z0-9](-?[a-z0-9])*$/.test(text) && /[a-z]/.test(text) && text.length <= 15,
};

export const port: Format = portNumber;

export const portNameOnly: Format = {
  expected: "the name of a port: lower-case letters, digits and dashes, at most 15, with a letter",
  fits: (value) => typeof value !== "string" || portName.fits(value),
};

export const portOrName: Format = {
  expected:
    "a port from 1 to 65535, or a name of lower-case letters, digits and dashes, at most 15",
  empty: true,
  fits: (value) => (typeof value === "string" ? portName.fits(value) : portNumber.fits(value)),
};

export const fileMode: Format = between(0, 0o777, "a file mode");

export const userId: Format = between(0, 2 ** 31 - 1, "an id");

/** A path that leads nowhere above where it starts. */
export const withoutBacksteps: Format = {
  expected: 'a path without ".."',
  fits: (value) => typeof value !== "string" || !value.split("/").includes(".."),
};

export const relativePath: Format = {
  expected: 'a relative path without ".."',
  fits: (value) =>
    typeof value !== "string" || (!value.startsWith("/") && withoutBacksteps.fits(value)),
};

/** The path of a file that a volume makes. */
export const filePath: Format = {
  expected: 'a relative path that does not begin with ".." and has no ".."',
  fits: (value) =>
    typeof value !== "string" || (relativePath.fits(value) && !value.startsWith("..")),
};

export const absolutePath: Format = matching("a path that begins with /", /^\//);

/** A whole number or a share, such as 25%. */
export const countOrPercent: Format = {
  expected: 'a number of at least 0, or a percentage such as "25%"',
  empty: true,
  fits: (value) => (typeof value === "string" ? /^[0-9]+%$/.test(value) : value >= 0),
};
