// The clocks of a lab, all of them: how soon its cluster and its tools notice that something is gone. In production
// they are set for bad networks; here a test waits for each of them, and the network is a bridge inside one machine.

/** How often a kubelet reports; by default every 10 s. */
export const nodeStatusUpdateFrequency = "2s";

/**
 * How long a cluster waits for a report before it takes a node for silent, and how often it looks; by default 50 s and
 * 5 s. Ten reports in a row have to be missed, so that a machine with both cores at work elsewhere loses no node.
 */
export const nodeMonitor = { gracePeriod: "20s", period: "1s" } as const;

/**
 * Seconds between two keepalives of remote commands, nine of which stay unanswered before the connection counts as dead;
 * the official plugin's interval is 15 s and cannot be set. Only the lab's stand-in for it hears of this.
 */
export const commandKeepaliveSeconds = 2;

/** Seconds between two keepalives of the lab's own logins, three of which stay unanswered before one is given up. */
export const sshKeepaliveSeconds = 5;

/** How long a control plane or a host may take to come up; several labs do so at once, on a machine with other work. */
export const bringUpSeconds = 300;
