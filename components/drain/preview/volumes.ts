// Which persistent volumes pods use, and which data does not move with them. Pure.
import type { Pod, Volume } from "../../kube/api.ts";
import type { NodeSelector } from "../placement.ts";
import { claimNames, hasEmptyDir, isEphemeral, podKey } from "../pod-filters.ts";
import { countByOwner, type DisruptionFact } from "./facts.ts";

/** Finds the persistent volumes of a pod. */
export type VolumesOf = (pod: Pod) => readonly Volume[];

/** Returns the finder for a list of all volumes; a claim that is not bound yet has none. */
export function findVolumes(volumes: readonly Volume[]): VolumesOf {
  const byClaim = new Map(volumes.filter(isBound).map((volume) => [claimOf(volume), volume]));
  return (pod) =>
    claimNames(pod).flatMap((claim) => byClaim.get(`${pod.metadata?.namespace}/${claim}`) ?? []);
}

function isBound(volume: Volume): boolean {
  return volume.status?.phase === "Bound";
}

function claimOf(volume: Volume): string {
  return `${volume.spec?.claimRef?.namespace}/${volume.spec?.claimRef?.name}`;
}

/** Tells whether the volume's data is on one machine's own disk. */
export function isLocal({ spec }: Volume): boolean {
  return spec?.local !== undefined || spec?.hostPath !== undefined;
}

/** Returns where the pod's volumes can be reached from: one selector for each volume that is not reachable everywhere. */
export function affinitiesOf(pod: Pod, volumesOf: VolumesOf): NodeSelector[] {
  return volumesOf(pod).flatMap(({ spec }) => spec?.nodeAffinity?.required ?? []);
}

/** Names a volume by its claim, which people know, and its own name. */
export function volumeKey(volume: Volume): string {
  return `${claimOf(volume)} (${volume.metadata?.name})`;
}

/** Tells which data of moving pods dies with them or stays on the machines that they leave. */
export function describeDataLoss(moving: readonly Pod[], volumesOf: VolumesOf): DisruptionFact[] {
  return [
    ...ofOwners("empty-dirs-lost", moving.filter(hasEmptyDir)),
    ...ofOwners("ephemeral-volumes-lost", moving.filter(hasEphemeralVolume)),
    ...ofOwners("host-paths-left", moving.filter(hasHostPath)),
    ...describeLocalVolumes(moving, volumesOf),
  ];
}

type LossKind = "empty-dirs-lost" | "ephemeral-volumes-lost" | "host-paths-left";

function ofOwners(kind: LossKind, pods: readonly Pod[]): DisruptionFact[] {
  return pods.length > 0 ? [{ kind, severity: "warning", owners: countByOwner(pods) }] : [];
}

function hasEphemeralVolume(pod: Pod): boolean {
  return pod.spec?.volumes?.some(isEphemeral) ?? false;
}

function hasHostPath(pod: Pod): boolean {
  return pod.spec?.volumes?.some((volume) => volume.hostPath !== undefined) ?? false;
}

function describeLocalVolumes(moving: readonly Pod[], volumesOf: VolumesOf): DisruptionFact[] {
  const concerned = moving.flatMap((pod) => {
    const local = volumesOf(pod).filter(isLocal);
    return local.length > 0 ? [{ pod, local }] : [];
  });
  if (concerned.length === 0) return [];
  const pods = concerned.map(({ pod }) => podKey(pod)).sort();
  const volumes = [...new Set(concerned.flatMap(({ local }) => local.map(volumeKey)))].sort();
  return [{ kind: "local-volumes-left", severity: "warning", pods, volumes }];
}
