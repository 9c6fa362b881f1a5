// What a drain writes on its Node about the owners of the pods there: how many pods of each were Ready before the first
// one left. A run after a kill or a failure goes on by it. Pure.
import { GuardedNote } from "./guarded-note.ts";

/** An owner of pods, as it was before the drain. */
export interface NotedOwner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** How many of its pods were Ready. */
  readonly ready: number;
  /** Another one after a rollout; absent for kinds that do not tell, and where the drain itself rolls out. */
  readonly revision?: string;
}

/** The owners that a drain waits for. */
export const readinessNote = new GuardedNote<readonly NotedOwner[]>("ready-before", []);
