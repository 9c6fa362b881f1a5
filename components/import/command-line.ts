// The arguments of `nodepools import`. Pure.
import { parseArgs } from "node:util";
import { ImportError } from "./import-error.ts";

/** What to import, and where to. */
export interface ImportRequest {
  /** Folder of the Pulumi project, to which all paths are relative. */
  readonly folder: string;
  /** Path of the kubeconfig as the config will name it. */
  readonly kubeconfig: string;
  readonly context?: string;
  /** Path of an Ansible inventory that takes the cluster's place. */
  readonly inventory?: string;
  readonly poolLabel?: string;
  readonly addressType: string;
  readonly user?: string;
  readonly port?: number;
  readonly privateKeyFile?: string;
  readonly knownHosts?: string;
  readonly acceptHostKeys: boolean;
  /** Folder that each pool's hosts go to, as the config will name it. */
  readonly hostsFolder?: string;
  /** Absent means standard output. */
  readonly out?: string;
  readonly overwrite: boolean;
}

/** What `nodepools import --help` prints. */
export const importUsage = `Usage: nodepools import [--kubeconfig <path>] [--context <name>] [--pool-label <key>] [options]
       nodepools import --inventory <hosts.ini or hosts.yaml of kubespray> [options]

Writes the config of a stack that declares the worker nodes of a running cluster as they are, so that \`pulumi up\` adopts
them: it stamps them and changes nothing else. Nodes of the control plane, of another stack and without Linux are left
out. The cluster is only read; hosts are asked for their public keys, and not logged in to.

  --kubeconfig <path>        the cluster, and what the config names; default ./admin.conf
  --context <name>           context of the kubeconfig; default its current one
  --inventory <file>         read the nodes from an Ansible inventory of kubespray instead of the cluster
  --pool-label <key>         label whose value is a node's pool; without it, nodes with the same labels and taints make a
                             pool. Labels that differ on each node, and topology.kubernetes.io/*, are the host's.
  --address-type <type>      which address of a Node is logged in to: InternalIP (default), ExternalIP, InternalDNS,
                             ExternalDNS, Hostname
  --user <name>              login on the hosts; default what the inventory says, else root
  --port <n>                 port of sshd on the hosts; default what the inventory says, else 22
  --private-key-file <path>  what the config names; default what the inventory says, else \`agent: true\`
  --known-hosts <file>       hosts whose keys are in it are not asked for them; the config names it
  --accept-host-keys         take the keys that the hosts show without asking
  --hosts-folder <folder>    write each pool's hosts to <folder>/<pool>.yaml; for pools of hundreds
  --cwd <folder>             the Pulumi project's folder, which paths are relative to; default the current one
  --out <file>               such as Pulumi.prod.yaml; default standard output
  --overwrite                replace files that are there; in the config only the keys of nodepools

Exit codes: 0 written; 23 nothing could be made; 24 the host keys were not confirmed, and nothing is written; 25 written,
and what is left to do by hand is said.
`;

const options = {
  kubeconfig: { type: "string" },
  context: { type: "string" },
  inventory: { type: "string" },
  "pool-label": { type: "string" },
  "address-type": { type: "string" },
  user: { type: "string" },
  port: { type: "string" },
  "private-key-file": { type: "string" },
  "known-hosts": { type: "string" },
  "accept-host-keys": { type: "boolean" },
  "hosts-folder": { type: "string" },
  cwd: { type: "string" },
  out: { type: "string" },
  overwrite: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const help = "`nodepools import --help` tells what there is.";
const addressTypes = ["InternalIP", "ExternalIP", "InternalDNS", "ExternalDNS", "Hostname"];

/** Reads the arguments after `import`; throws ImportError for what it does not know. */
export function parseImport(argv: readonly string[]): ImportRequest | "help" {
  const values = parse(argv);
  if (values.help) return "help";
  const { context, inventory, user, out } = values;
  const addressType = values["address-type"] ?? "InternalIP";
  if (!addressTypes.includes(addressType))
    throw new ImportError(
      `--address-type: ${JSON.stringify(addressType)} is none of ${addressTypes.join(", ")}.`,
    );
  const ofCluster = ["context", "address-type", "pool-label"] as const;
  const stray = inventory === undefined ? undefined : ofCluster.find((name) => values[name] !== undefined);
  if (stray)
    throw new ImportError(`--${stray} is about Nodes of a cluster, and --inventory reads none. ${help}`);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    throw new ImportError(`--port takes a whole number from 1 to 65535, not ${JSON.stringify(values.port)}.`);
  return {
    folder: values.cwd ?? ".",
    kubeconfig: values.kubeconfig ?? "./admin.conf",
    addressType,
    acceptHostKeys: values["accept-host-keys"] === true,
    overwrite: values.overwrite === true,
    ...given({
      ...{ context, inventory, user, out, port },
      poolLabel: values["pool-label"],
      privateKeyFile: values["private-key-file"],
      knownHosts: values["known-hosts"],
      hostsFolder: values["hosts-folder"],
    }),
  };
}

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

function given<Values extends object>(values: Values): Given<Values> {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Given<Values>;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new ImportError(`${(error as Error).message}. ${help}`);
  }
}
