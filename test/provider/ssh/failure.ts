// What work over SSH failed with.
import { SshError } from "../../../components/ssh/ssh-error.ts";

/** Returns the SshError that the work ends with; anything else is thrown. */
export async function failure(work: Promise<unknown>): Promise<SshError> {
  const outcome = await work.then(
    () => new Error("it succeeded"),
    (error: unknown) => error,
  );
  if (outcome instanceof SshError) return outcome;
  throw outcome;
}
