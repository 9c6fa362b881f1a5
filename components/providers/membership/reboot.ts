// Reboots a member: cordoned, drained, rebooted over SSH, Ready again with a new boot id, schedulable if it was.
import type { Node } from "../../kube/api.ts";
import { changeNodeRetrying } from "../../kube/change-node.ts";
import { isTransient } from "../../kube/kube-error.ts";
import { rebootInput } from "../../kubeadm/marker.ts";
import { loadHostScripts } from "../../kubeadm/scripts.ts";
import { poll } from "../../model/clock.ts";
import type { LeavingPolicy } from "../../model/drain-policy.ts";
import { durations } from "../../model/durations.ts";
import { planReboot, planRebootEnd } from "../../model/mark-changes.ts";
import { bootIdText, hashTrigger, type RebootMark } from "../../model/mark-values.ts";
import { readMarks } from "../../model/node-marks.ts";
import { SshError } from "../../ssh/ssh-error.ts";
import { errorText } from "../errors.ts";
import { HookError } from "../hooks/run-hooks.ts";
import { openJoinedHost, requireOwnHost } from "../host.ts";
import { identify, nodeNamed } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { requireMinReady } from "../staying-nodes.ts";
import { CheckError } from "../verification/verify.ts";
import { throttle, whenPoolAllows } from "./drain-member.ts";
import { drainWithHooks } from "./drain-with-hooks.ts";
import { missingForReady } from "./ready.ts";
import type { MembershipInputs } from "./state.ts";

/**
 * Reboots the host of a member. The mark on the Node makes every step repeatable: a rerun drains and asks again only as
 * long as the boot id is the former one. On failure the Node stays cordoned unless the policy restores it.
 */
export async function rebootMember(
  operation: Operation,
  member: MembershipInputs,
  progress: Progress,
): Promise<void> {
  const check = throttle(operation.clock, () => requireOwnHost(member, operation.ssh));
  await check();
  await whenPoolAllows(operation, member, progress, async (policy) => {
    await check();
    await requireMinReady(operation, member);
    const { node, mark } = await begin(operation, member);
    if (bootIdOf(node) === mark.bootId) {
      await drainOrRestore(operation, node, mark, member, policy, progress);
      await writeMark(operation, node, { ...mark, down: true });
      await askForReboot(operation, member, mark.bootId).catch(async (error: unknown) => {
        // The host refused and is up: it must not count as down in the turns of others.
        await writeMark(operation, node, mark).catch((failure: unknown) =>
          progress.warn(`the Node is still marked as down: ${errorText(failure)}`),
        );
        throw error;
      });
    }
    const back = await waitForReboot(operation, member, mark.bootId, progress);
    await end(operation, back, mark.uncordon && member.schedulable);
  });
  await progress.say("rebooted: Ready again with a new boot id");
}

async function begin(
  operation: Operation,
  member: MembershipInputs,
): Promise<{ node: Node; mark: RebootMark }> {
  const node = await operation.kube.readNode(member.node);
  const identity = identify(node, member);
  if (node === undefined || identity.kind === "absent" || identity.kind === "foreign") {
    const reason = identity.kind === "foreign" ? identity.reason : "it is not in the cluster";
    throw new Error(`rebooting node "${member.node}": ${reason}. Nothing was done`);
  }
  const mark = planMark(node, member.rebootTrigger ?? "");
  return { node: (await writeMark(operation, node, mark)) ?? node, mark };
}

/** Goes on with the reboot that the same trigger began; if another trigger started it, only the cordon is kept as ours. Pure. */
export function planMark(node: Node, rebootTrigger: string): RebootMark {
  const trigger = hashTrigger(rebootTrigger);
  const known = readMarks(node).reboot;
  const uncordon = known?.uncordon === true || node.spec?.unschedulable !== true;
  if (known?.trigger === trigger) return { ...known, uncordon };
  return { trigger, bootId: bootIdOf(node), uncordon, down: false };
}

/** Cordons the Node as well: it has to stay so as long as it carries the mark. */
function writeMark({ kube }: Operation, node: Node, mark: RebootMark): Promise<Node | undefined> {
  return changeNodeRetrying(kube, node, (latest) => planReboot(latest, mark));
}

async function drainOrRestore(
  operation: Operation,
  node: Node,
  mark: RebootMark,
  member: MembershipInputs,
  policy: LeavingPolicy,
  progress: Progress,
): Promise<void> {
  try {
    await drainWithHooks(operation, member, "reboot", policy, progress);
  } catch (error) {
    // A hook or a check that failed is no drain that failed: what it is about is still to be done.
    const isOfDrain = !(error instanceof HookError || error instanceof CheckError);
    if (policy.drain.onFailure === "restore" && mark.uncordon && isOfDrain) {
      const report = (failure: unknown) => progress.warn(`not uncordoned: ${errorText(failure)}`);
      await end(operation, node, true).catch(report);
    }
    throw error;
  }
}

async function askForReboot({ ssh }: Operation, member: MembershipInputs, bootId: string): Promise<void> {
  await using session = await openJoinedHost(member, ssh);
  const { reboot } = loadHostScripts();
  const stdin = rebootInput(member, bootId);
  const timeoutSeconds = durations.providers.reboot;
  await session.run(reboot, { task: "rebooting", stdin, timeoutSeconds }).catch((error: unknown) => {
    // The machine may take the connection with it; its next boot id tells.
    if (!(error instanceof SshError && error.kind === "disconnected")) throw error;
  });
}

async function end({ kube }: Operation, node: Node, uncordon: boolean): Promise<void> {
  await changeNodeRetrying(kube, node, (latest) => planRebootEnd(latest, uncordon));
}

/** The boot id that a Node reports, as marks hold it. */
function bootIdOf(node: Node): string {
  return bootIdText(node.status?.nodeInfo?.bootID ?? "");
}

/** Waits for another boot id and Ready within readyTimeoutSeconds; the error says what was last seen. */
export async function waitForReboot(
  operation: Operation,
  member: Pick<MembershipInputs, "node" | "host" | "readyTimeoutSeconds">,
  formerBootId: string,
  progress: Progress,
): Promise<Node> {
  const within = member.readyTimeoutSeconds;
  let lastSeen = "nothing";
  const back = await poll(operation.clock, {
    every: durations.providers.look,
    within,
    until: async () => {
      const node = await findNode(operation, member.node);
      if (node === undefined) return undefined;
      const missing = missingAfterReboot(node, formerBootId);
      lastSeen = missing.join(", ");
      return missing.length === 0 ? node : undefined;
    },
    onWait: (elapsed) => progress.now(`waiting for the reboot ${elapsed} s of ${within} s: ${lastSeen}`),
  });
  if (back === undefined) throw new Error(describeAbsence(member, lastSeen));
  return back;
}

/** Lists what a Node still lacks after a reboot; empty when it is back. Pure. */
export function missingAfterReboot(node: Node, formerBootId: string): string[] {
  const missing = missingForReady(node);
  return bootIdOf(node) === formerBootId ? ["still the former boot", ...missing] : missing;
}

function describeAbsence(
  { node, host, readyTimeoutSeconds }: Pick<MembershipInputs, "node" | "host" | "readyTimeoutSeconds">,
  lastSeen: string,
): string {
  return `rebooting node "${node}" at ${host.address}: not back after ${readyTimeoutSeconds} s; last seen: ${lastSeen}. Look at the machine's console, then run \`pulumi up\` again: it goes on from here`;
}

async function findNode(operation: Operation, name: string): Promise<Node | undefined> {
  try {
    return nodeNamed(await operation.nodes(), name);
  } catch (error) {
    if (isTransient(error)) return undefined;
    throw error;
  }
}
