// The errors of this folder: what a failed call to the Kubernetes API becomes, with the questions that callers ask of
// it, and what a kubeconfig that cannot be used becomes.
import { failureText } from "./as-told.ts";

/** Reports a kubeconfig, or a credential that it names, which cannot be used. */
export class AccessError extends Error {
  override readonly name = "AccessError";
}

/** Tells what was asked of the API server and what it answered. */
export interface KubeFailure {
  /** Verb of the call, such as `listing` or `deleting`. */
  readonly verb: string;
  /** Kind and name of the object, such as `Node "w1"`. */
  readonly object: string;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** Machine-readable reason of the server, such as `NotFound`. */
  readonly reason?: string;
  /** The server's words, or what happened on the way to it. */
  readonly text: string;
  /** True when the same call may succeed later without any change: no answer, overload, 5xx. */
  readonly transient: boolean;
  readonly retryAfterSeconds?: number;
}

/** Reports a failed call; its text never holds headers, request bodies or credentials. */
export class KubeError extends Error {
  readonly failure: KubeFailure;

  constructor(failure: KubeFailure, options?: ErrorOptions) {
    const status = failure.status === undefined ? "" : ` (${failure.status})`;
    const told = { ...failure, object: failureText(failure.object), text: failureText(failure.text) };
    super(`${told.verb} ${told.object}: ${told.text}${status}`, options);
    this.name = "KubeError";
    this.failure = told;
  }
}

/** Tells whether the object changed since it was read, or a precondition did not hold. */
export const isConflict = (error: unknown): boolean =>
  error instanceof KubeError && error.failure.status === 409;

/** Tells whether the same call may succeed later without any change. */
export const isTransient = (error: unknown): boolean => error instanceof KubeError && error.failure.transient;

/** Returns a handler of failures that answers "absent" to these statuses and throws all else. */
export function absentWhen(...statuses: number[]) {
  return (error: unknown): "absent" => {
    if (error instanceof KubeError && statuses.includes(error.failure.status ?? 0)) return "absent";
    throw error;
  };
}
