// Waits until a rebooted machine is back as a Ready node.
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeApi, Node } from "../../kube/api.ts";
import { isTransient } from "../../kube/kube-error.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import { missingForReady } from "./readiness.ts";
import type { MembershipInputs } from "./state.ts";

const pollMilliseconds = 1000;

/** Waits for another boot id and Ready within readyTimeoutSeconds; the error says what was last seen. */
export async function waitForReboot(
  api: KubeApi,
  member: Pick<MembershipInputs, "node" | "host" | "readyTimeoutSeconds">,
  formerBootId: string,
  progress: Progress,
): Promise<Node> {
  const start = Date.now();
  let lastSeen = "nothing";
  for (;;) {
    const node = await findNode(api, member.node);
    if (node !== undefined) {
      const missing = missingAfterReboot(node, formerBootId);
      if (missing.length === 0) return node;
      lastSeen = missing.join(", ");
    }
    const elapsed = Math.round((Date.now() - start) / 1000);
    if (elapsed >= member.readyTimeoutSeconds) throw new Error(describeAbsence(member, lastSeen));
    progress.now(`waiting for the reboot ${elapsed} s of ${member.readyTimeoutSeconds} s: ${lastSeen}`);
    await sleep(pollMilliseconds);
  }
}

/** Lists what a Node still lacks after a reboot; empty when it is back. Pure. */
export function missingAfterReboot(node: Node, formerBootId: string): string[] {
  const missing = missingForReady(node);
  return node.status?.nodeInfo?.bootID === formerBootId ? ["still the former boot", ...missing] : missing;
}

function describeAbsence(
  { node, host, readyTimeoutSeconds }: Pick<MembershipInputs, "node" | "host" | "readyTimeoutSeconds">,
  lastSeen: string,
): string {
  return `rebooting node "${node}" at ${host.address}: not back after ${readyTimeoutSeconds} s; last seen: ${lastSeen}. Look at the machine's console, then run \`pulumi up\` again: it goes on from here`;
}

async function findNode(api: KubeApi, name: string): Promise<Node | undefined> {
  const nodes = await recentNodes(api).catch((error: unknown) => {
    if (isTransient(error)) return [];
    throw error;
  });
  return nodes.find(({ metadata }) => metadata?.name === name);
}
