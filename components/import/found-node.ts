// A worker node as it was found in a cluster or in an inventory, before it has its place in a pool. Pure.
import type { Taint } from "../model/taint.ts";

/** One machine to declare. */
export interface FoundNode {
  readonly name: string;
  readonly address: string;
  readonly user?: string;
  readonly port?: number;
  /** Path of the private key that opens it. */
  readonly privateKeyFile?: string;
  /** Labels that people have set. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly cordoned: boolean;
  /** The pool that it belongs to, where that was said. */
  readonly pool?: string;
}

/** What was found, and what was left out and why. */
export interface Found {
  readonly nodes: readonly FoundNode[];
  readonly notes: readonly string[];
}

/** Makes a pool's name of a label's value or a group's name; undefined when none can be made of it. */
export function poolNameOf(text: string): string | undefined {
  const name = text.toLowerCase().replaceAll(/[_.]/g, "-");
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name) ? name : undefined;
}
