// The Job of a hook: what may be declared, and what the program makes of it. Pure.
import type { HookOccasion, HookPoint } from "./hooks.ts";

type Fields = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const mapOf = (value: unknown): Fields => (isMap(value) ? value : {});

/** Says what keeps a manifest from being a hook's Job, in words that follow its name; undefined when nothing does. */
export function jobFault(manifest: unknown, namespace: string): string | undefined {
  if (!isMap(manifest)) return "is not a Job: give a map with spec.template";
  const { apiVersion = "batch/v1", kind = "Job", metadata, spec } = manifest;
  if (apiVersion !== "batch/v1" || kind !== "Job") return "is not a Job: give one of apiVersion batch/v1";
  const given = mapOf(metadata).namespace;
  if (given !== undefined && given !== namespace)
    return `names a namespace of its own: give the one of the hook, or leave it out`;
  const { containers } = mapOf(mapOf(mapOf(spec).template).spec);
  const isList = Array.isArray(containers) && containers.length > 0 && containers.every(isMap);
  return isList ? undefined : "has no containers: give spec.template.spec.containers";
}

/** For which node, and when, a Job runs. */
interface JobCause {
  readonly hook: string;
  readonly point: HookPoint;
  readonly occasion: HookOccasion;
  readonly node: string;
  readonly pool: string;
  readonly timeoutSeconds: number;
}

/** How long a Job that has ended stays, in seconds, so that its log can be read. */
const keptSeconds = 86_400;

/**
 * Returns the Job as it is created: under our name and labels, without owner or finalizer, with the hook's limit, gone a day
 * after its end. What a container says in the end stands in its pod's status, so that no right to read logs is needed.
 */
export function renderJob(manifest: Fields, name: string, namespace: string, cause: JobCause): object {
  const { hook, point, occasion, node, pool, timeoutSeconds } = cause;
  const metadata = mapOf(manifest.metadata);
  const spec = mapOf(manifest.spec);
  const template = mapOf(spec.template);
  const podSpec = mapOf(template.spec);
  const labels = { "app.kubernetes.io/managed-by": "nodepools", "nodepools.local/hook": hook };
  const annotations = { "nodepools.local/node": node, "nodepools.local/hook-point": `${occasion}/${point}` };
  const told = {
    NODEPOOLS_NODE: node,
    NODEPOOLS_POOL: pool,
    NODEPOOLS_POINT: point,
    NODEPOOLS_OCCASION: occasion,
  };
  const limit = Math.min(timeoutSeconds, numberOr(spec.activeDeadlineSeconds, timeoutSeconds));
  const containersOf = (list: unknown) =>
    Array.isArray(list) ? list.map((one) => withVariables(mapOf(one), told)) : [];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...{ name, namespace },
      labels: { ...mapOf(metadata.labels), ...labels },
      annotations: { ...mapOf(metadata.annotations), ...annotations },
    },
    spec: {
      ttlSecondsAfterFinished: keptSeconds,
      ...spec,
      activeDeadlineSeconds: limit,
      template: {
        ...template,
        metadata: {
          ...mapOf(template.metadata),
          labels: { ...mapOf(mapOf(template.metadata).labels), ...labels },
        },
        spec: {
          restartPolicy: "Never",
          ...podSpec,
          containers: containersOf(podSpec.containers),
          ...(podSpec.initContainers !== undefined && {
            initContainers: containersOf(podSpec.initContainers),
          }),
        },
      },
    },
  };
}

function numberOr(value: unknown, other: number): number {
  return typeof value === "number" ? value : other;
}

/** Variables that the manifest sets itself stay. */
function withVariables(container: Fields, variables: Readonly<Record<string, string>>): Fields {
  const env = Array.isArray(container.env) ? container.env : [];
  const given = new Set(env.map((one) => mapOf(one).name));
  const added = Object.entries(variables)
    .filter(([name]) => !given.has(name))
    .map(([name, value]) => ({ name, value }));
  return { terminationMessagePolicy: "FallbackToLogsOnError", ...container, env: [...env, ...added] };
}
