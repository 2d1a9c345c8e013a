import { OciError } from "../errors.ts";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the quota is used up",
  EFBIG: "the file would be larger than allowed",
  ENOSPC: "no space left",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
};

/**
 * The error for a file or folder that the system does not let be written: `OCI_OUTPUT_UNWRITABLE`. What is no error
 * of the file system stays as it is.
 */
export function unwritable(cause: unknown, path: string): unknown {
  if (!(cause instanceof Error) || cause instanceof OciError) return cause;
  const { code = "", syscall, errno } = cause as NodeJS.ErrnoException;
  if (errno === undefined || !fileCalls.test(syscall ?? "")) return cause;
  return new OciError("OCI_OUTPUT_UNWRITABLE", `Cannot write ${path}: ${reasons[code] ?? code}`, {
    hint: "Choose a place that can be written, with enough room",
    cause,
  });
}

const fileCalls =
  /^(?:open|write|fsync|close|rename|mkdir|mkdtemp|link|ftruncate|chmod|rm|rmdir|unlink|lstat|stat|scandir)$/;
