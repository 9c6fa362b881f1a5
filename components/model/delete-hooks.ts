// The annotations with which others hold a machine's deletion up, as Cluster API's controllers honour them on Machines. Pure.
import { oneLine } from "./foreign-text.ts";

/** Before which step somebody wants to be waited for. */
export type DeleteHookStage = "pre-drain" | "pre-terminate";

/** Someone who wants to be waited for. */
export interface DeleteHook {
  /** The annotation's key, whose end names the hook. */
  readonly annotation: string;
  /** For whom: the annotation's value. */
  readonly owner: string;
  /** When the annotation was last written, and by which client, where the Node tells. */
  readonly since?: string;
  readonly by?: string;
}

/** A Node, as far as such annotations go. */
interface HeldNode {
  readonly metadata?: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly {
      readonly manager?: string;
      readonly time?: Date | string;
      readonly fieldsV1?: object;
    }[];
  };
}

/** Lists who wants to be waited for, by the annotations' keys. */
export function findDeleteHooks(node: HeldNode, stage: DeleteHookStage): DeleteHook[] {
  return Object.entries(node.metadata?.annotations ?? {})
    .filter(([key]) => isDeleteHook(key, stage))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([annotation, owner]) => ({ annotation, owner: oneLine(owner), ...whoWrote(node, annotation) }));
}

/** Tells whether an annotation's key asks to be waited for. */
export function isDeleteHook(key: string, stage: DeleteHookStage): boolean {
  const prefix = `${stage}.delete.hook.machine.cluster.x-k8s.io`;
  return key === prefix || key.startsWith(`${prefix}/`);
}

function whoWrote({ metadata }: HeldNode, annotation: string): Pick<DeleteHook, "since" | "by"> {
  const entry = metadata?.managedFields?.find(({ fieldsV1 }) => {
    const fields = fieldsV1 as
      | { readonly "f:metadata"?: { readonly "f:annotations"?: Readonly<Record<string, unknown>> } }
      | undefined;
    return fields?.["f:metadata"]?.["f:annotations"]?.[`f:${annotation}`] !== undefined;
  });
  const time = entry?.time === undefined ? undefined : new Date(entry.time);
  const isTime = time !== undefined && !Number.isNaN(time.getTime());
  return {
    ...(isTime && { since: time.toISOString() }),
    ...(entry?.manager !== undefined && { by: oneLine(entry.manager) }),
  };
}

/** Says for whom a machine is held, such as `velero (pre-drain.delete.hook…/backup, last written 2030-… by velero)`. */
export function describeDeleteHook({ annotation, owner, since, by }: DeleteHook): string {
  const written = since === undefined ? "" : `, last written ${since}${by === undefined ? "" : ` by ${by}`}`;
  return `${owner || "nobody named"} (${annotation}${written})`;
}
