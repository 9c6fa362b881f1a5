// Caps how many hosts join at once: Pulumi starts as many steps as it is told to, and a bastion, the control plane or the
// token lifetime may not support that many.
import * as pulumi from "@pulumi/pulumi";
import pLimit, { type LimitFunction } from "p-limit";

/** One host's slot to join in. */
export interface JoinSlot {
  /** Resolves when the host may be enrolled. */
  readonly begun: Promise<void>;
  /** Resolves when the host may join, once this resource is made, fails or stays as it is. */
  mayJoinAfter(enrollment: pulumi.Resource): Promise<void>;
  /** Names the resource that frees the slot in the same way. */
  endWith(last: pulumi.Resource): void;
}

/** How many hosts are enrolled ahead, as a share of those that join: a slot that becomes free is used at once. */
const aheadShare = 0.2;

/**
 * Gives hosts their slots, in the order in which they are ready for one. A host waits before its resources are
 * registered: waiting in a provider's call, it would keep one of the engine's workers from the joins it waits for.
 */
export class JoinSlots {
  readonly #begun: LimitFunction;
  readonly #joining: LimitFunction;

  /** @param parallelJoins How many hosts join at once, 1 or more; of five or more, others are enrolled meanwhile. */
  constructor(parallelJoins: number) {
    if (!Number.isInteger(parallelJoins) || parallelJoins < 1)
      throw new pulumi.RunError(
        `declaring a cluster: parallelJoins: ${parallelJoins} is not a whole number of joins; allowed: 1 or more`,
      );
    this.#joining = pLimit(parallelJoins);
    this.#begun = pLimit(parallelJoins + Math.floor(aheadShare * parallelJoins));
  }

  /** Queues for a slot once these resources are registered. */
  take(prepared: readonly pulumi.Resource[]): JoinSlot {
    const [begun, mayJoin] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const enrolled = Promise.withResolvers<pulumi.Resource>();
    const last = Promise.withResolvers<pulumi.Resource>();
    const join = async () => {
      mayJoin.resolve();
      await registered([await last.promise]);
    };
    const enroll = async () => {
      begun.resolve();
      await registered([await enrolled.promise]);
      await this.#joining(join);
    };
    void registered(prepared).then(() => this.#begun(enroll));
    const mayJoinAfter = (enrollment: pulumi.Resource) => {
      enrolled.resolve(enrollment);
      return mayJoin.promise;
    };
    return { begun: begun.promise, mayJoinAfter, endWith: last.resolve };
  }
}

/** Waits for the engine's answers; only the URN is always known then, also in a preview and after a failure. */
async function registered(resources: readonly pulumi.Resource[]): Promise<void> {
  await Promise.all(resources.map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
}
