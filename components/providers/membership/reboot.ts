// Reboots a member: cordoned, drained, rebooted over SSH, Ready again with a new boot id, schedulable if it was.
import { planWithoutLeavingTaint } from "../../drain/begin-drain.ts";
import type { KubeApi, Node } from "../../kube/api.ts";
import { changeNodeRetrying } from "../../kube/change-node.ts";
import { rebootInput } from "../../kubeadm/marker.ts";
import { loadHostScripts } from "../../kubeadm/scripts.ts";
import type { DrainPolicy } from "../../model/drain-policy.ts";
import { rebootingAnnotation } from "../../model/owner.ts";
import { parseRebootMark, type RebootMark, renderRebootMark } from "../../model/reboot-mark.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import { SshError } from "../../ssh/ssh-error.ts";
import { errorText } from "../error-text.ts";
import { openJoinedHost, requireOwnHost } from "../host-access.ts";
import { foreignness } from "../ownership.ts";
import type { Progress } from "../progress.ts";
import { drainMember, whenPoolAllows } from "./drain-member.ts";
import { recentCheck } from "./recent-check.ts";
import type { MembershipInputs } from "./state.ts";
import { waitForReboot } from "./wait-for-reboot.ts";

/**
 * Reboots the host of a member. The mark on the Node makes every step repeatable: a rerun drains and asks again only as
 * long as the boot id is the former one. On failure the Node stays cordoned unless the policy restores it.
 */
export async function rebootMember(
  api: KubeApi,
  credentials: SshCredentials,
  member: MembershipInputs,
  progress: Progress,
): Promise<void> {
  const check = recentCheck(() => requireOwnHost(member, credentials));
  await check();
  await whenPoolAllows(api, member, progress, async (policy) => {
    await check();
    const { node, mark } = await begin(api, member);
    if (bootIdOf(node) === mark.bootId) {
      await drainOrRestore(api, node, mark, policy, progress);
      await writeMark(api, node, { ...mark, down: true });
      await askForReboot(credentials, member, mark.bootId).catch(async (error: unknown) => {
        // The host refused and is up: it must not count as down in the turns of others.
        await writeMark(api, node, mark).catch((failure: unknown) =>
          progress.warn(`the Node is still marked as down: ${errorText(failure)}`),
        );
        throw error;
      });
    }
    const back = await waitForReboot(api, member, mark.bootId, progress);
    await end(api, back, mark.uncordon && member.schedulable);
  });
  await progress.say("rebooted: Ready again with a new boot id");
}

async function begin(api: KubeApi, member: MembershipInputs): Promise<{ node: Node; mark: RebootMark }> {
  const node = await api.readNode(member.node);
  const reason = node === undefined ? "it is not in the cluster" : foreignness(node, member);
  if (node === undefined || reason !== undefined)
    throw new Error(`rebooting node "${member.node}": ${reason}. Nothing was done`);
  const mark = planMark(node, member.rebootTrigger ?? "");
  return { node: (await writeMark(api, node, mark)) ?? node, mark };
}

/** Goes on with the reboot that the same trigger began; of another one's, only the cordon is ours still. Pure. */
export function planMark(node: Node, trigger: string): RebootMark {
  const known = parseRebootMark(node.metadata?.annotations);
  const uncordon = known?.uncordon === true || node.spec?.unschedulable !== true;
  if (known?.trigger === trigger) return { ...known, uncordon };
  return { trigger, bootId: bootIdOf(node), uncordon, down: false };
}

/** Cordons the Node as well: it has to stay so as long as it carries the mark. */
function writeMark(api: KubeApi, node: Node, mark: RebootMark): Promise<Node | undefined> {
  const text = renderRebootMark(mark);
  const change = { unschedulable: true, annotations: { [rebootingAnnotation]: text } };
  return changeNodeRetrying(api, node, ({ metadata, spec }) =>
    spec?.unschedulable === true && metadata?.annotations?.[rebootingAnnotation] === text
      ? undefined
      : change,
  );
}

async function drainOrRestore(
  api: KubeApi,
  node: Node,
  mark: RebootMark,
  policy: DrainPolicy,
  progress: Progress,
): Promise<void> {
  try {
    await drainMember(api, node.metadata?.name ?? "", policy, progress);
  } catch (error) {
    if (policy.onFailure === "restore" && mark.uncordon) {
      const report = (failure: unknown) => progress.warn(`not uncordoned: ${errorText(failure)}`);
      await end(api, node, true).catch(report);
    }
    throw error;
  }
}

async function askForReboot(
  credentials: SshCredentials,
  member: MembershipInputs,
  bootId: string,
): Promise<void> {
  await using session = await openJoinedHost(member, credentials);
  const { reboot } = loadHostScripts();
  const stdin = rebootInput(member, bootId);
  await session.run(reboot, { task: "rebooting", stdin, timeoutSeconds: 30 }).catch((error: unknown) => {
    // The machine may take the connection with it; its next boot id tells.
    if (!(error instanceof SshError && error.kind === "disconnected")) throw error;
  });
}

async function end(api: KubeApi, node: Node, uncordon: boolean): Promise<void> {
  await changeNodeRetrying(api, node, (latest) => {
    if (latest.metadata?.annotations?.[rebootingAnnotation] === undefined) return undefined;
    const cleared = { annotations: { [rebootingAnnotation]: null } };
    return uncordon ? { ...cleared, unschedulable: false, ...planWithoutLeavingTaint(latest) } : cleared;
  });
}

function bootIdOf(node: Node): string {
  return node.status?.nodeInfo?.bootID ?? "";
}
