import { OciError } from "../errors.ts";
import { TransientFailure, pause } from "./retry.ts";
import type { Session } from "./session.ts";
import {
  type Upload,
  type UploadPlace,
  cancelUpload,
  endUpload,
  findPlace,
  hasBlob,
  sendContent,
  startUpload,
} from "./upload.ts";

/** Blobs up to this size go in the request that ends the upload. */
const monolithicBytes = 1024 * 1024;
/** The most times that one blob goes on where it broke, while it gets further each time. */
const maxResumes = 100;

/**
 * Uploads a blob. Where that breaks, it goes on from what the registry says that it has, and from the start where
 * the registry does not know the upload any more.
 */
export async function uploadBlob(session: Session, upload: Upload): Promise<void> {
  const { clock, retryPolicy } = session;
  const run: Run = { session, upload, place: undefined };
  let reached = 0;
  let failures = 0;
  for (let resumes = 0; ; resumes++) {
    try {
      if (await goOn(run)) return;
      if (run.place !== undefined && run.place.at > reached) failures = 0;
      reached = run.place?.at ?? 0;
      await sendRest(run);
      return;
    } catch (error) {
      const failure = await passing(error, run);
      failures++;
      if (failure === undefined || failures >= retryPolicy.attempts || resumes >= maxResumes) {
        await forget(run);
        throw failure?.error ?? upload.source.failure() ?? error;
      }
      const { code } = failure.error;
      const isLost = isDoubt(failure.error) || (failures > 1 && stuckCodes.includes(code));
      if (upload.size <= monolithicBytes || isLost) await forget(run);
      await clock.sleep(pause(failures, failure.retryAfter, retryPolicy, clock), upload.signal);
    }
  }
}

interface Run {
  readonly session: Session;
  readonly upload: Upload;
  /** Where the upload was before the request under way. */
  place: UploadPlace | undefined;
}

/** Finds out where an upload that broke goes on; true if it had ended, and only its answer was lost. */
async function goOn(run: Run): Promise<boolean> {
  const { place, session, upload } = run;
  if (place === undefined) return false;
  const found = await findPlace(session, upload, place.location);
  if (found === undefined) {
    if (await hasBlob(session, upload)) return true;
    await forget(run);
  }
  run.place = found;
  return false;
}

async function sendRest(run: Run): Promise<void> {
  const { session, upload } = run;
  run.place ??= await startUpload(session, upload);
  if (upload.size > monolithicBytes && run.place.at < upload.size) {
    run.place = await sendContent(session, upload, run.place);
  }
  await endUpload(session, upload, run.place);
}

async function forget(run: Run): Promise<void> {
  const { place, session, upload } = run;
  run.place = undefined;
  if (place !== undefined) await cancelUpload(session, upload.repository, place.location);
}

/** The failure that may pass when the upload goes on; nothing for one that will not. */
async function passing(
  error: unknown,
  { place, upload }: Run,
): Promise<TransientFailure | undefined> {
  // What the content's source says counts for more than the request that it broke.
  if (upload.source.failure() !== undefined) return undefined;
  if (error instanceof TransientFailure) return error;
  if (isDoubt(error)) {
    // The content was changed before it was sent, or on its way.
    return (await upload.source.verify()) ? new TransientFailure(error) : undefined;
  }
  const isResumed = place !== undefined && place.at > 0;
  const isRefused = isResumed && error instanceof OciError && refusalCodes.includes(error.code);
  return isRefused ? new TransientFailure(error) : undefined;
}

/** Tells whether a registry says that it got other content than the digest is of. */
function isDoubt(error: unknown): error is OciError {
  return error instanceof OciError && error.code === "OCI_DIGEST_MISMATCH";
}

/** What registries say that forgot an upload, or where the request before is not over yet. */
const refusalCodes: readonly string[] = [
  "OCI_RANGE_INVALID",
  "OCI_REQUEST_REJECTED",
  "OCI_UPLOAD_UNKNOWN",
];

/** What tells, when it comes again without any progress, that an upload is better begun anew. */
const stuckCodes: readonly string[] = ["OCI_UNREACHABLE", ...refusalCodes];
