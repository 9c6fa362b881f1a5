// Every default of the stack config and of NodePool's arguments, in one place. Pure.

/** Login that a host takes when neither it nor `ssh` says otherwise. */
export const loginDefaults = { user: "root", port: 22 } as const;

/** How many hosts may join at once when `ssh` does not say. */
export const parallelJoinsDefault = 10;

/** What a pool is when its declaration leaves a field out. */
export const poolDefaults = { maxUnavailable: 1, readyTimeoutSeconds: 600 } as const;

/** How a node is drained when the pool's `drain` leaves a field out; without the fields whose absence has a meaning. */
export const drainDefaults = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false } as const;

/** What a host is when its entry leaves `state` out. */
export const defaultHostState = "active";
