// Runs host scripts as root on this machine's own programs, in namespaces where nothing of the machine can be changed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a sandboxed program wrote and how it ended. */
export interface SandboxResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty host: own mounts, processes and network; /etc is a copy on write, /run and /var/lib are empty. */
const emptyHost = `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/layer/upper /run/layer/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/layer/upper,workdir=/run/layer/work /etc
mount -t tmpfs tmpfs /var/lib
# The machine's own Kubernetes, if it has one, does not show.
for path in /etc/kubernetes /etc/cni /etc/containerd; do if [ -e $path ]; then mount -t tmpfs tmpfs $path; fi; done
ip link set lo up
PATH="$SANDBOX:$PATH"
set +e
`;

/**
 * Runs sh text on an empty host. `files` are put on PATH as executables: the scripts under test and stand-ins for
 * programs that the machine does not have.
 */
export function runInSandbox(program: string, files: Readonly<Record<string, string>>): SandboxResult {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-sandbox-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
    }
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--mount-proc"];
    const result = spawnSync("unshare", [...namespaces, "sh", "-c", emptyHost + program], {
      encoding: "utf8",
      env: { ...process.env, SANDBOX: folder },
      timeout: 50_000,
    });
    return { status: result.status, stdout: result.stdout, stderr: result.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
