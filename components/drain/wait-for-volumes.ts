// Waits until the volumes of a drained node are detached, so that they can be attached elsewhere.
import type { Pod, VolumeAttachment } from "../kube/api.ts";
import { isTransient } from "../kube/kube-error.ts";
import { DrainError } from "./drain-error.ts";
import { aftermath } from "./drain-limits.ts";
import { type DrainRun, deadlineOf, isUnreachable, secondsSince } from "./drain-run.ts";
import { count, listNames } from "./report.ts";
import type { NodeWatch } from "./watch-node.ts";

// VolumeAttachments cannot be selected by node, so each look is a list of the whole cluster.
const pollMs = 3000;
const leastSeconds = 60;

/**
 * Waits until no volume but those of staying pods is attached to the node; throws DrainError at the deadline. Ends as
 * well when the Node is gone, and, with a warning, when nobody on it can let go of them.
 */
export async function waitForVolumes(run: DrainRun, watch: NodeWatch): Promise<void> {
  const limit = secondsForVolumes(run);
  const deadline = run.clock.now() + limit * 1000;
  for (;;) {
    if (isUnreachable(run)) return noteVolumesLeft(run);
    const attached = await findAttachedVolumes(run, [...run.seen.values()], [...run.staying.values()]);
    if (attached?.length === 0) return;
    if (run.clock.now() >= deadline) throw volumesRemain(run, attached, limit);
    if (attached) run.onProgress(`waiting for ${describeVolumes(attached)}, ${secondsSince(run)} s`);
    await run.clock.sleep(pollMs);
    if (!(await watch.look())) return;
  }
}

/** Pods that went at the last moment leave their volumes some time as well. */
function secondsForVolumes(run: DrainRun): number {
  const rest = Math.round((deadlineOf(run) - run.clock.now()) / 1000);
  return run.policy.volumeDetachTimeoutSeconds ?? Math.max(rest, leastSeconds);
}

/** Says which volumes stay attached to a node that does not answer: nobody there can let go of them. */
async function noteVolumesLeft(run: DrainRun): Promise<void> {
  const attached = await findAttachedVolumes(run, [...run.seen.values(), ...run.staying.values()], []);
  const reason =
    "volumes stay attached until the machine is proven off and its Node is gone or has the taint node.kubernetes.io/out-of-service";
  for (const pod of attached ?? []) run.warnings.set(`${pod} ${reason}`, { reason, pod });
}

function describeVolumes(names: readonly string[]): string {
  return `${count(names.length, "volume")} to be detached: ${listNames(names)}`;
}

function volumesRemain(run: DrainRun, attached: readonly string[] | undefined, seconds: number): DrainError {
  const cause = attached
    ? `all pods are gone, but ${seconds} s later still waiting for ${describeVolumes(attached)}`
    : `all pods are gone, but ${seconds} s later the volumes are unknown: ${run.fault}`;
  return new DrainError(run.nodeName, cause, [], `${aftermath(run)} Run again once they are detached.`);
}

/** Names attached volumes by the claims of their pods; undefined when the server could not tell this time. */
async function findAttachedVolumes(
  run: DrainRun,
  pods: readonly Pod[],
  except: readonly Pod[],
): Promise<string[] | undefined> {
  try {
    const all = await run.api.listVolumeAttachments();
    const here = all.filter((attachment) => attachment.spec.nodeName === run.nodeName);
    return here.length === 0 ? [] : await nameVolumes(run, here, pods, except);
  } catch (error) {
    if (!isTransient(error)) throw error;
    run.fault = (error as Error).message;
    return undefined;
  }
}

async function nameVolumes(
  run: DrainRun,
  here: readonly VolumeAttachment[],
  pods: readonly Pod[],
  except: readonly Pod[],
): Promise<string[]> {
  const kept = await claimsByVolume(run, except);
  const known = await claimsByVolume(run, pods);
  return here
    .map((attachment) => attachment.spec.source.persistentVolumeName ?? attachment.metadata?.name ?? "")
    .filter((volume) => !kept.has(volume))
    .map((volume) => known.get(volume) ?? volume);
}

/** Maps volume names to the claims of these pods; claims that are gone are left out. */
async function claimsByVolume(run: DrainRun, pods: readonly Pod[]): Promise<Map<string, string>> {
  const volumes = new Map<string, string>();
  for (const { namespace, name } of pods.flatMap(claimsOfPod)) {
    const claim = await run.api.readVolumeClaim(namespace, name);
    if (claim?.spec?.volumeName) volumes.set(claim.spec.volumeName, `${namespace}/${name}`);
  }
  return volumes;
}

/** Names the claims of a pod; an ephemeral volume's claim is named after pod and volume. */
function claimsOfPod(pod: Pod): { namespace: string; name: string }[] {
  const { namespace = "", name: podName = "" } = pod.metadata ?? {};
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [{ namespace, name: volume.persistentVolumeClaim.claimName }];
    return volume.ephemeral ? [{ namespace, name: `${podName}-${volume.name}` }] : [];
  });
}
