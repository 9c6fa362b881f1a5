// Caps how many hosts join at once: Pulumi starts as many steps as it is told to, and a bastion, the control plane or the
// token lifetime may not support that many.
import * as pulumi from "@pulumi/pulumi";
import pLimit, { type LimitFunction } from "p-limit";

/** One host's slot to join in. */
export interface JoinSlot {
  /** Resolves when the host has its slot. */
  readonly begun: Promise<void>;
  /** Names the resource that frees the slot, whether it is made, fails or stays as it is. */
  endWith(last: pulumi.Resource): void;
}

/**
 * Gives hosts their slots, in the order in which they are ready for one. A host waits before its enrollment is
 * registered: waiting in a provider's call, it would keep one of the engine's workers from the joins it waits for.
 */
export class JoinSlots {
  readonly #limit: LimitFunction;

  /** @param parallelJoins How many hosts join at once, 1 or more. */
  constructor(parallelJoins: number) {
    if (!Number.isInteger(parallelJoins) || parallelJoins < 1)
      throw new pulumi.RunError(
        `declaring a cluster: parallelJoins: ${parallelJoins} is not a whole number of joins; allowed: 1 or more`,
      );
    this.#limit = pLimit(parallelJoins);
  }

  /** Queues for a slot once these resources are registered. */
  take(prepared: readonly pulumi.Resource[]): JoinSlot {
    const begun = Promise.withResolvers<void>();
    const last = Promise.withResolvers<pulumi.Resource>();
    void registered(prepared).then(() =>
      this.#limit(async () => {
        begun.resolve();
        await registered([await last.promise]);
      }),
    );
    return { begun: begun.promise, endWith: last.resolve };
  }
}

/** Waits for the engine's answers; only the URN is always known then, also in a preview and after a failure. */
async function registered(resources: readonly pulumi.Resource[]): Promise<void> {
  await Promise.all(resources.map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
}
