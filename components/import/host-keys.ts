// The public keys of the hosts to declare: those of a known_hosts file are known, the others are asked for.
import pLimit from "p-limit";
import { durations } from "../model/durations.ts";
import { oneLine } from "../model/foreign-text.ts";
import { hostKeyFault, hostKeyTypes } from "../settings/ssh-syntax.ts";
import { describeHostKey, hostKeyBytes } from "../ssh/host-key.ts";
import { hostKeyFinder } from "../ssh/known-hosts.ts";
import { scanHostKey } from "../ssh/scan-host-key.ts";
import type { FoundNode } from "./found-node.ts";

/** A host's key as it was shown, or why it has none. */
export interface ScannedKey {
  readonly node: FoundNode;
  readonly key?: string;
  readonly fault?: string;
}

const atOnce = 20;

/** Asks all hosts that a known_hosts file does not know for their keys. */
export function scanHostKeys(
  nodes: readonly FoundNode[],
  knownHosts: string,
  defaultPort: number,
): Promise<ScannedKey[]> {
  const limit = pLimit(atOnce);
  const findKeys = hostKeyFinder(knownHosts);
  const isUsable = (key: string) => hostKeyFault(key) === undefined;
  const unknown = nodes.filter(({ address, port = defaultPort }) => !findKeys(address, port).some(isUsable));
  return Promise.all(
    unknown.map((node) =>
      limit(async () => {
        const server = { address: node.address, port: node.port ?? defaultPort };
        try {
          return { node, key: await scanHostKey(server, hostKeyTypes, durations.ssh.dial) };
        } catch (error) {
          return { node, fault: oneLine((error as Error).message) };
        }
      }),
    ),
  );
}

/** Writes the keys for people to compare with what `ssh-keygen -lf` prints on the machines. */
export function keyLines(scanned: readonly ScannedKey[]): string[] {
  return scanned.flatMap(({ node: { name, address }, key }) =>
    key === undefined ? [] : [`  ${oneLine(name)} ${oneLine(address)} ${describeHostKey(hostKeyBytes(key))}`],
  );
}
