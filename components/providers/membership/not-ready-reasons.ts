// Explains why a node did not become ready: what it lacks, its failing pods, its kubelet's last errors.
import type { KubeApi, Pod } from "../../kube/api.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import { openSession } from "../../ssh/session.ts";
import { errorText } from "../error-text.ts";
import type { MembershipInputs } from "./state.ts";

const kubeletLines = 5;

/** Collects the reasons, most general first; a source that cannot be asked is named with its own error. */
export async function notReadyReasons(
  api: KubeApi,
  credentials: SshCredentials,
  inputs: MembershipInputs,
  missing: readonly string[],
): Promise<string[]> {
  const summary = `waiting for node "${inputs.node}" to be Ready: not after ${inputs.readyTimeoutSeconds} s; ${missing.join(", ")}. The host stays joined: mend the cause and run \`pulumi up\` again, or change its rejoinTrigger to start it over`;
  const [pods, kubelet] = await Promise.all([
    failingPods(api, inputs.node),
    kubeletErrors(credentials, inputs),
  ]);
  return [summary, ...pods, ...kubelet];
}

async function failingPods(api: KubeApi, node: string): Promise<string[]> {
  try {
    return (await api.listPodsOnNode(node)).flatMap((pod) => describeFailingPod(pod) ?? []);
  } catch (error) {
    return [`its pods could not be listed: ${errorText(error)}`];
  }
}

/** Names a pod that does not run and the reason that its containers give; nothing for a healthy pod. */
export function describeFailingPod(pod: Pod): string | undefined {
  const phase = pod.status?.phase;
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const waiting = containers.map((container) => container.state?.waiting).find((state) => state?.reason);
  if (phase === "Succeeded" || (phase === "Running" && waiting === undefined)) return undefined;
  const cause = waiting
    ? `${waiting.reason}${waiting.message ? ` (${waiting.message})` : ""}`
    : (phase ?? "Unknown");
  return `pod ${pod.metadata?.namespace}/${pod.metadata?.name}: ${cause}`;
}

async function kubeletErrors(credentials: SshCredentials, inputs: MembershipInputs): Promise<string[]> {
  try {
    await using session = await openSession(inputs.host, credentials);
    // Every kubelet complains once a minute of the folder for static pods, which a worker does not have.
    const { stdout } = await session.run(
      `journalctl -u kubelet -n 200 --no-pager -o cat | grep -E '^E|rror' | grep -v 'Unable to read config path' | tail -n ${kubeletLines}`,
      { task: "reading the kubelet's last errors", timeoutSeconds: 20 },
    );
    return stdout.split("\n").flatMap((line) => (line.trim() ? `kubelet: ${line.trim().slice(0, 300)}` : []));
  } catch (error) {
    return [`its kubelet's log could not be read: ${errorText(error)}`];
  }
}
