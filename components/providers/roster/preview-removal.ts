// Tells, at preview and before a removal runs, what happens to the pods of the nodes that leave.
import { describeRemoval } from "../../drain/describe-removal.ts";
import type { KubeApi } from "../../kube/api.ts";
import { errorText } from "../error-text.ts";
import type { Progress } from "../progress.ts";
import type { RosterInputs, RosterMember } from "./state.ts";

/** Warns once per fact; a cluster that cannot be asked is said so and does not fail the preview. */
export async function previewRemoval(
  connect: () => KubeApi,
  former: RosterInputs,
  leaving: readonly RosterMember[],
  progress: Progress,
): Promise<void> {
  const lines = await removalLines(connect, former, leaving);
  for (const line of lines) await progress.warn(line);
}

async function removalLines(
  connect: () => KubeApi,
  former: RosterInputs,
  leaving: readonly RosterMember[],
): Promise<readonly string[]> {
  try {
    return await gather(connect(), former, leaving);
  } catch (error) {
    const names = leaving.map((member) => member.node).join(", ");
    return [`leaving: ${names}; what they carry could not be read: ${errorText(error)}`];
  }
}
