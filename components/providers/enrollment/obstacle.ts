// Whether a host that is to be reset and joined again can be reset, asked before Pulumi plans it: when the first half
// of a replacement fails, `pulumi up --continue-on-error` waits for ever for the second (executeChain in pulumi 3.276's
// pkg/resource/deploy/step_executor.go). An update that fails leaves the same state and ends.
import type { KubeApi } from "../../kube/api.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import { errorText } from "../error-text.ts";
import type { Progress } from "../progress.ts";
import { requireReleasable } from "./release.ts";
import type { EnrollmentOutputs } from "./state.ts";

const obstacles = new Map<string, unknown>();

/** Closed set of answers: `joined` while it was asked, by what a killed run had left at work on it. */
export type ResetAnswer = "refused" | "joined" | "resettable";

/**
 * Asks whether host or cluster would refuse the reset, with a warning that says why; remembers it for the update.
 * Waits, five minutes at most, for a join or reset that a killed run has left at work.
 * Logs in to the host, at preview as well: Pulumi does not tell a provider which of the two it is.
 */
export async function askForReset(
  connect: () => readonly [KubeApi, SshCredentials],
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<ResetAnswer> {
  obstacles.delete(enrolled.node);
  progress.now("asking the host whether it can be reset");
  try {
    const hasJoined = await requireReleasable(...connect(), enrolled, progress);
    return hasJoined ? "joined" : "resettable";
  } catch (error) {
    obstacles.set(enrolled.node, error);
    await progress.warn(
      `host "${enrolled.node}" is to be reset and joined again, and cannot be now: ${errorText(error)}. Planned as an update, which fails; once this is mended the host is drained, reset and joined again`,
    );
    return "refused";
  }
}

/** Throws what kept the host from being reset in this run. */
export function throwObstacle(node: string): void {
  if (obstacles.has(node)) throw obstacles.get(node);
}
