// The file on a host that says which stack it belongs to, and what the scripts that honour it read on stdin. Pure.

/** Holds what a host's marker file says. */
export interface OwnerMarker {
  /** The stack, as `organization/project/stack`. */
  readonly owner: string;
  /** First `sha256:…` pin of the cluster's certificate authority. */
  readonly cluster: string;
  /** Node name under which the host was claimed. */
  readonly node: string;
}

/** Path of the marker file; written by claim.sh, removed last by reset.sh. */
export const markerPath = "/var/lib/nodepools/owner";

/** Returns what claim.sh reads on stdin; `former` is the owner whose marker may be replaced, after a stack was renamed. */
export function claimInput(marker: OwnerMarker, former = ""): string {
  return `former=${former}\nowner=${marker.owner}\ncluster=${marker.cluster}\nnode=${marker.node}\n`;
}

/** Returns what reset.sh reads on stdin: it acts only on a host whose marker has this owner and this node. */
export function resetInput(claim: Pick<OwnerMarker, "owner" | "node">, criSocket: string): string {
  return `owner=${claim.owner}\nnode=${claim.node}\ncri_socket=${criSocket}\n`;
}

/** Returns what reboot.sh reads on stdin: it acts only on a host with this claim, and only in this boot. */
export function rebootInput(claim: Pick<OwnerMarker, "owner" | "node">, bootId: string): string {
  return `owner=${claim.owner}\nnode=${claim.node}\nboot=${bootId}\n`;
}

/** What hook.sh tells the command of its node, and how long that may take. */
interface HookInput {
  readonly pool: string;
  readonly point: string;
  readonly occasion: string;
  readonly seconds: number;
}

/** Returns what hook.sh reads on stdin: it acts only on a host with this claim. */
export function hookInput(
  claim: Pick<OwnerMarker, "owner" | "node">,
  { pool, point, occasion, seconds }: HookInput,
  command: string,
): string {
  const fields = { owner: claim.owner, node: claim.node, pool, point, occasion, seconds };
  const lines = Object.entries(fields).map(([key, value]) => `${key}=${value}\n`);
  return `${lines.join("")}--\n${command}\n`;
}

/** Reads a marker file's text; absent fields are empty, so that a damaged marker matches no owner. */
export function parseMarker(text: string): OwnerMarker {
  const field = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  return { owner: field("owner"), cluster: field("cluster"), node: field("node") };
}
