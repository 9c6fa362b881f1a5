// What is kept of each pod of the cluster to compare it with a later list: all of them as they are may be a gigabyte. Pure.
import { bystander } from "../../drain/preview/bystander.ts";
import type { Pod } from "../../kube/api.ts";

/** Returns whose the pod is, whether and since when it serves, and what it takes of its node. */
export function compared(pod: Pod): Pod {
  const { metadata, status, ...short } = bystander(pod);
  const { uid } = pod.metadata ?? {};
  const { conditions } = pod.status ?? {};
  return {
    ...short,
    metadata: { ...metadata, ...(uid !== undefined && { uid }) },
    status: { ...status, ...(conditions && { conditions }) },
  };
}
