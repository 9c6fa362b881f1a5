// Why a change disrupts a node. Pure.

/**
 * Why a node's pods go:
 * - leaves: it is drained, its host is reset, its Node deleted
 * - rejoin: the same, and the host joins again
 * - maintenance, reboot: it is drained and stays
 * - lost: its machine is given up, and nothing is asked.
 */
export type Disruption = "leaves" | "rejoin" | "maintenance" | "reboot" | "lost";

/** Tells whether the node takes pods again by the same change, once it has had its turn. */
export function isAwayForAWhile(disruption: Disruption): boolean {
  return disruption === "reboot" || disruption === "rejoin";
}
