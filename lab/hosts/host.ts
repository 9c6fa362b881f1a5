// Names and addresses of the lab's hosts.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab-folder.ts";

/** One host of a lab; w1 has index 1. */
export interface Host {
  readonly name: string;
  readonly index: number;
  readonly address: string;
  /** The pods of this host get their addresses from here. */
  readonly podSubnet: string;
  /** systemd-nspawn's name for it; unique on the machine. */
  readonly machine: string;
  /** The bridge's end of the host's cable; a name of at most 15 characters, which is the kernel's limit. */
  readonly link: string;
  readonly directory: string;
}

/** The most hosts that one lab may have. */
export const maximumHosts = 64;

/** Describes the host with that number, counted from 1. */
export function hostAt(lab: Lab, index: number): Host {
  const name = `w${index}`;
  return {
    name,
    index,
    address: `10.89.0.${10 + index}`,
    podSubnet: `10.244.${10 + index}.0/24`,
    machine: `${lab.id}-${name}`,
    link: `vb-${lab.id}-${name}`,
    directory: join(lab.hosts, name),
  };
}

/** Reads the number in a host's name; undefined where the text is no host's name. */
export function hostIndex(name: string): number | undefined {
  const index = /^w([1-9]\d?)$/.exec(name)?.[1];
  return index !== undefined && Number(index) <= maximumHosts ? Number(index) : undefined;
}

/** Lists the lab's hosts, on or off, in their order. */
export function hostsOf(lab: Lab): readonly Host[] {
  const names = existsSync(lab.hosts) ? readdirSync(lab.hosts) : [];
  return names
    .map(hostIndex)
    .filter((index) => index !== undefined)
    .sort((one, other) => one - other)
    .map((index) => hostAt(lab, index));
}
