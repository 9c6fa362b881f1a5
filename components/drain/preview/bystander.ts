// Pods of nodes that stay, with no more of them than a preview looks at: a cluster may have a hundred thousand. Pure.
import type { Pod } from "../../kube/api.ts";
import type { Scene } from "./scene.ts";

type Spec = NonNullable<Pod["spec"]>;
type Container = Spec["containers"][number];

/** Returns what of each pod the facts of such a change rest on: all of those on its nodes. */
export function shortenerFor(change: {
  readonly disrupted: readonly Pick<Scene["disrupted"][number], "nodeName">[];
  readonly addedTaints: Scene["addedTaints"];
}): (pod: Pod) => Pod {
  const concerned = new Set([...change.disrupted, ...change.addedTaints].map(({ nodeName }) => nodeName));
  return (pod) => (concerned.has(pod.spec?.nodeName ?? "") ? pod : bystander(pod));
}

/** Of all others: what they take of their node, whom they do not want there, whose they are and whether they serve. */
export function bystander({ metadata, spec, status }: Pod): Pod {
  const { name, namespace, labels, ownerReferences, deletionTimestamp } = metadata ?? {};
  return {
    metadata: {
      ...defined({ name, namespace, labels, deletionTimestamp }),
      ...(ownerReferences && { ownerReferences: ownerReferences.filter(({ controller }) => controller) }),
    },
    ...(spec && { spec: roomOf(spec) }),
    status: {
      ...defined({ phase: status?.phase }),
      conditions: (status?.conditions ?? [])
        .filter(({ type }) => type === "Ready")
        .map(({ type, status }) => ({ type, status })),
    },
  };
}

/** What the pod takes of its node, and whom it does not want there. */
function roomOf({ nodeName, containers, initContainers, resources, overhead, affinity }: Spec): Spec {
  const { requests } = resources ?? {};
  const { podAntiAffinity } = affinity ?? {};
  return {
    ...defined({ nodeName, overhead }),
    containers: containers.map(requestsOf),
    ...(initContainers && { initContainers: initContainers.map(requestsOf) }),
    ...(requests && { resources: { requests } }),
    ...(podAntiAffinity && { affinity: { podAntiAffinity } }),
  };
}

function requestsOf({ name, restartPolicy, resources }: Container): Container {
  const { requests } = resources ?? {};
  return { name, ...defined({ restartPolicy }), ...(requests && { resources: { requests } }) };
}

type Defined<Fields> = { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> };

function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Defined<Fields>;
}
