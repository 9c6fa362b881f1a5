// Which data does not move with its pods. Pure.
import type { Pod } from "../../kube/api.ts";
import { hasEmptyDir, podKey } from "../pod-filters.ts";
import type { RemovalFact } from "./facts.ts";
import { countByOwner } from "./owners.ts";
import { isEphemeral, isLocal, type VolumesOf, volumeKey } from "./volumes.ts";

/** Tells which data of moving pods dies with them or stays on the machines that they leave. */
export function describeDataLoss(moving: readonly Pod[], volumesOf: VolumesOf): RemovalFact[] {
  return [
    ...ofOwners("empty-dirs-lost", moving.filter(hasEmptyDir)),
    ...ofOwners("ephemeral-volumes-lost", moving.filter(hasEphemeralVolume)),
    ...ofOwners("host-paths-left", moving.filter(hasHostPath)),
    ...describeLocalVolumes(moving, volumesOf),
  ];
}

type LossKind = "empty-dirs-lost" | "ephemeral-volumes-lost" | "host-paths-left";

function ofOwners(kind: LossKind, pods: readonly Pod[]): RemovalFact[] {
  return pods.length > 0 ? [{ kind, severity: "warning", owners: countByOwner(pods) }] : [];
}

function hasEphemeralVolume(pod: Pod): boolean {
  return pod.spec?.volumes?.some(isEphemeral) ?? false;
}

function hasHostPath(pod: Pod): boolean {
  return pod.spec?.volumes?.some((volume) => volume.hostPath !== undefined) ?? false;
}

function describeLocalVolumes(moving: readonly Pod[], volumesOf: VolumesOf): RemovalFact[] {
  const concerned = moving.flatMap((pod) => {
    const local = volumesOf(pod).filter(isLocal);
    return local.length > 0 ? [{ pod, local }] : [];
  });
  if (concerned.length === 0) return [];
  const pods = concerned.map(({ pod }) => podKey(pod)).sort();
  const volumes = [...new Set(concerned.flatMap(({ local }) => local.map(volumeKey)))].sort();
  return [{ kind: "local-volumes-left", severity: "warning", pods, volumes }];
}
