// Small programs for the tests of this folder.
import { Cluster, NodePool, type NodePoolArgs } from "../../components/index.ts";
import { type Registration, runProgram } from "../support/component-mocks.ts";

/** A public host key as `type base64`. */
export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMyKsoIt+DB45lSQgK+yF8PhHYBO66gpErB+StRZQUA3";

/** Stands for a private key; must show up nowhere but in secrets. */
export const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----not-a-key";

type Pool = Omit<NodePoolArgs, "cluster">;

/** Returns hosts with a key; w7 has the address 10.0.0.7. */
export function hosts(...names: string[]): NodePoolArgs["hosts"] {
  return names.map((name) => ({ name, address: `10.0.0.${name.slice(1)}`, hostKey }));
}

/** Returns a new cluster that logs in with the private key. */
export function newCluster(): Cluster {
  return new Cluster("dev", { credentials: { privateKey } });
}

/** A program that declares a cluster with these pools by name. */
export function programOf(pools: Readonly<Record<string, Pool>>): () => void {
  return () => {
    const cluster = newCluster();
    for (const [name, pool] of Object.entries(pools)) new NodePool(name, { cluster, ...pool });
  };
}

/** Declares a cluster with these pools by name; returns what the engine is asked for. */
export function declare(pools: Readonly<Record<string, Pool>>): Promise<Registration[]> {
  return runProgram(programOf(pools));
}

/** Lists the names of the hosts that get a membership. */
export function memberNames(registrations: readonly Registration[]): string[] {
  return registrations.filter(({ type }) => type.endsWith(":NodeMembership")).map(({ name }) => name);
}
