// The phase of a drain in which the volumes of its pods are detached, so that they can be attached elsewhere.
import type { Node, Pod, VolumeAttachment } from "../kube/api.ts";
import { isTransient } from "../kube/kube-error.ts";
import { poll } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { oneLine } from "../model/foreign-text.ts";
import { type DrainContext, deadlineOf, secondsSince } from "./context.ts";
import { nodeStateAfterFailure } from "./drain-limits.ts";
import type { Drain, PhaseEnd } from "./phase.ts";
import { claimNames } from "./pod-filters.ts";
import { count, DrainError, listNames } from "./report.ts";

/**
 * Waits until no volume but those of staying pods is attached to the node; throws DrainError at the deadline. Ends as
 * well when the Node is gone, and, with a warning, when nobody on it can let go of them.
 */
export async function waitForVolumes(drain: Drain): Promise<PhaseEnd> {
  const { context, ledger, watch } = drain;
  const volumes = new AttachedVolumes(context);
  const limit = secondsForVolumes(context);
  let attached: readonly string[] | undefined;
  let fault = "";
  const look = async (): Promise<PhaseEnd | undefined> => {
    if ((await watch.look()) === "gone") return "node-gone";
    if (watch.isUnreachable) return leaveAttached(drain, volumes);
    try {
      attached = [
        ...(await volumes.find(ledger.departing, ledger.staying)),
        ...findUnlisted(watch.node, ledger.staying),
      ];
    } catch (error) {
      if (!isTransient(error)) throw error;
      [attached, fault] = [undefined, (error as Error).message];
    }
    return attached?.length === 0 ? "done" : undefined;
  };
  const end = await poll(context.clock, {
    until: look,
    every: durations.drain.volumeLook,
    within: limit,
    onWait: () => {
      if (attached)
        context.onProgress(`waiting for ${describeVolumes(attached)}, ${secondsSince(context)} s`);
    },
  });
  if (end === undefined) throw volumesRemain(context, attached, fault, limit);
  return end;
}

/** Pods that went at the last moment leave their volumes some time as well. */
function secondsForVolumes(context: DrainContext): number {
  const rest = Math.round(deadlineOf(context) - context.clock.now());
  return context.policy.volumeDetachTimeoutSeconds ?? Math.max(rest, durations.drain.leastForVolumes);
}

/** Says which volumes stay attached to a node that does not answer: nobody there can let go of them. */
async function leaveAttached({ ledger }: Drain, volumes: AttachedVolumes): Promise<PhaseEnd> {
  const reason =
    "volumes stay attached until the machine is proven off and its Node is gone or has the taint node.kubernetes.io/out-of-service";
  const attached = await volumes
    .find([...ledger.departing, ...ledger.staying], [])
    .catch((error: unknown) => {
      if (isTransient(error)) return [];
      throw error;
    });
  for (const volume of attached) ledger.note(reason, volume);
  return "done";
}

function describeVolumes(names: readonly string[]): string {
  return `${count(names.length, "volume")} to be detached: ${listNames(names)}`;
}

function volumesRemain(
  context: DrainContext,
  attached: readonly string[] | undefined,
  fault: string,
  seconds: number,
): DrainError {
  const cause = attached
    ? `all pods are gone, but ${seconds} s later still waiting for ${describeVolumes(attached)}`
    : `all pods are gone, but ${seconds} s later the volumes are unknown: ${fault}`;
  const remedy = `${nodeStateAfterFailure(context)} Run again once they are detached.`;
  return new DrainError(context.nodeName, cause, [], remedy);
}

/** The volumes that are attached to one node, by the claims that people know; each claim is read once. */
class AttachedVolumes {
  readonly #context: DrainContext;
  /** Volumes by claim, as `namespace/name`; undefined for a claim that is gone. */
  readonly #volumes = new Map<string, string | undefined>();

  constructor(context: DrainContext) {
    this.#context = context;
  }

  /** Names what is attached, but for the volumes of the pods in `except`. Throws KubeError. */
  async find(pods: readonly Pod[], except: readonly Pod[]): Promise<string[]> {
    const { api, nodeName } = this.#context;
    // VolumeAttachments cannot be selected by node, so each look is a list of the whole cluster.
    const here = (await api.listVolumeAttachments()).filter(({ spec }) => spec.nodeName === nodeName);
    if (here.length === 0) return [];
    const kept = await this.#claimsByVolume(except);
    const known = await this.#claimsByVolume(pods);
    return here
      .map(volumeOf)
      .filter((volume) => !kept.has(volume))
      .map((volume) => known.get(volume) ?? volume);
  }

  async #claimsByVolume(pods: readonly Pod[]): Promise<ReadonlyMap<string, string>> {
    const claims = new Map<string, string>();
    for (const { namespace, name } of pods.flatMap(claimsOfPod)) {
      const volume = await this.#volumeOfClaim(namespace, name);
      if (volume) claims.set(volume, `${namespace}/${name}`);
    }
    return claims;
  }

  /** A claim keeps its volume for ever once it is bound, and one that is gone does not come back with the same. */
  async #volumeOfClaim(namespace: string, name: string): Promise<string | undefined> {
    const key = `${namespace}/${name}`;
    if (this.#volumes.has(key)) return this.#volumes.get(key);
    const claim = await this.#context.api.readVolumeClaim(namespace, name);
    const volume = claim?.spec?.volumeName;
    if (claim === undefined || volume !== undefined) this.#volumes.set(key, volume);
    return volume;
  }
}

/**
 * Names the volumes that the Node itself lists as attached and no VolumeAttachment stands for: iSCSI, Fibre Channel,
 * FlexVolumes. Which of them are a staying pod's cannot be told, so that none is waited for where one has such a volume.
 */
function findUnlisted({ status }: Node, staying: readonly Pod[]): string[] {
  if (staying.some((pod) => pod.spec?.volumes?.some(isAttachable))) return [];
  const names = (status?.volumesAttached ?? []).map(({ name }) => name);
  return names.filter((name) => !name.startsWith("kubernetes.io/csi/")).map((name) => oneLine(name));
}

function isAttachable(volume: NonNullable<NonNullable<Pod["spec"]>["volumes"]>[number]): boolean {
  const { persistentVolumeClaim, ephemeral, iscsi, fc, flexVolume } = volume;
  return [persistentVolumeClaim, ephemeral, iscsi, fc, flexVolume].some((source) => source !== undefined);
}

function volumeOf({ spec, metadata }: VolumeAttachment): string {
  return spec.source.persistentVolumeName ?? metadata?.name ?? "";
}

/** Names the claims of a pod; an ephemeral volume's claim is named after pod and volume. */
function claimsOfPod(pod: Pod): { namespace: string; name: string }[] {
  const { namespace = "" } = pod.metadata ?? {};
  return claimNames(pod).map((name) => ({ namespace, name }));
}
