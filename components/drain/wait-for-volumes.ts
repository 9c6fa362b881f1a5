// Waits until the volumes of a drained node are detached, so that they can be attached elsewhere.
import type { Pod, VolumeAttachment } from "../kube/api.ts";
import { isTransient } from "../kube/kube-error.ts";
import { DrainError } from "./drain-error.ts";
import { type DrainRun, isOver, secondsSince } from "./drain-run.ts";
import { count, listNames } from "./report.ts";

// VolumeAttachments cannot be selected by node, so each look is a list of the whole cluster.
const pollMs = 3000;

/** Waits until no volume but those of staying pods is attached to the node; throws DrainError at the deadline. */
export async function waitForVolumes(run: DrainRun): Promise<void> {
  for (;;) {
    const attached = await findAttachedVolumes(run);
    if (attached?.length === 0) return;
    if (isOver(run)) throw volumesRemain(run, attached);
    if (attached) run.onProgress(`waiting for ${describeVolumes(attached)} ${secondsSince(run)} s`);
    await run.clock.sleep(pollMs, run.signal);
  }
}

function describeVolumes(names: readonly string[]): string {
  return `${count(names.length, "volume")} to be detached: ${listNames(names)}`;
}

function volumesRemain(run: DrainRun, attached: readonly string[] | undefined): DrainError {
  const seconds = run.policy.timeoutSeconds;
  const cause = attached
    ? `all pods are gone, but after ${seconds} s still waiting for ${describeVolumes(attached)}`
    : `after ${seconds} s the volumes are unknown: ${run.lastListFailure}`;
  return new DrainError(
    run.nodeName,
    cause,
    [],
    "The Node stays cordoned; run again once they are detached.",
  );
}

/** Names the volumes that are attached to the node; undefined when the server could not tell this time. */
async function findAttachedVolumes(run: DrainRun): Promise<string[] | undefined> {
  try {
    const all = await run.api.listVolumeAttachments();
    const here = all.filter((attachment) => attachment.spec.nodeName === run.nodeName);
    return here.length === 0 ? [] : await nameAwaitedVolumes(run, here);
  } catch (error) {
    if (!isTransient(error)) throw error;
    run.lastListFailure = (error as Error).message;
    return undefined;
  }
}

async function nameAwaitedVolumes(run: DrainRun, here: readonly VolumeAttachment[]): Promise<string[]> {
  const kept = await claimsByVolume(run, [...run.staying.values()]);
  const left = await claimsByVolume(run, [...run.seen.values()]);
  return here
    .map((attachment) => attachment.spec.source.persistentVolumeName ?? attachment.metadata?.name ?? "")
    .filter((volume) => !kept.has(volume))
    .map((volume) => left.get(volume) ?? volume);
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
