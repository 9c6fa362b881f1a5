// A Kubernetes taint as the program declares and compares it. Pure.

/** Lists the effects that a taint may have, in Kubernetes' spelling. */
export const taintEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

/** Names what a taint does to pods that do not tolerate it. */
export type TaintEffect = (typeof taintEffects)[number];

/** Describes one taint; key and effect together identify it, the value may be absent. */
export interface Taint {
  /** Label key, as `example.com/dedicated`. */
  readonly key: string;
  /** Label value. Default: none. */
  readonly value?: string;
  /** NoSchedule keeps pods away, PreferNoSchedule tries to, NoExecute also evicts those that are there. */
  readonly effect: TaintEffect;
}

/** Tells whether two taints are the same one, whatever their values: key and effect identify a taint. */
export function isSameTaint(
  one: { readonly key: string; readonly effect: string },
  other: { readonly key: string; readonly effect: string },
): boolean {
  return one.key === other.key && one.effect === other.effect;
}
