// Every default of the stack config and of the components' arguments. Pauses and limits that are no option are in
// durations.ts. Pure.

/** Login that a host takes when neither it nor `ssh` says otherwise. */
export const loginDefaults = { user: "root", port: 22 } as const;

/** How many hosts may join at once when `ssh` does not say. */
export const parallelJoinsDefault = 10;

/** What a pool is when its declaration leaves a field out. */
export const poolDefaults = { maxUnavailable: 1, readyTimeoutSeconds: 600 } as const;

/** How a node is drained when the pool's `drain` leaves a field out; without the fields whose absence has a meaning. */
export const drainDefaults = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false } as const;

/**
 * How long a drain with `waitForReplacements: true` waits for them: as long as a Deployment's rollout may go without
 * progress (Kubernetes' default of spec.progressDeadlineSeconds).
 */
export const replacementSecondsDefault = 600;

/** How a hook runs when its declaration leaves a field out. */
export const hookDefaults = { timeoutSeconds: 600 } as const;

/** Share of a pool's members that one change may remove when `limits` does not say, in percent; one node at least. */
export const maxRemovalsPercent = 34;

/** How long the checks of `verify` may take to hold again when it does not say, in seconds. */
export const verifyDefaults = { withinSeconds: 120 } as const;

/** Where ServiceAccount and inventory are when `access` does not say. */
export const accessNamespace = "kube-system";

/** How a host is prepared where `prepare` leaves a field out; without the fields whose absence has a meaning. */
export const prepareDefaults = { cgroupDriver: "systemd", selinux: "permissive" } as const;

/** Where packages of a minor version, such as `1.34`, come from when `prepare` does not say. */
export function packageRepository(minor: string): string {
  return `https://pkgs.k8s.io/core:/stable:/v${minor}`;
}

/** What a host is when its entry leaves `state` out. */
export const defaultHostState = "active";
