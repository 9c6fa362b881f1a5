// The side of an administrator: a shell loop of `kubeadm join` over ssh.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parallelJoinsDefault } from "../../../components/model/defaults.ts";
import type { Host } from "../../../lab/hosts/host.ts";
import { type Lab, runInLab } from "../../../lab/lab.ts";
import type { Stages } from "./results.ts";

const script = readFileSync(join(import.meta.dirname, "by-hand.sh"), "utf8");
const limitSeconds = 900;

/** Joins the hosts and waits until they are Ready and take pods; as many at once as the program would by default. */
export async function joinByHand(lab: Lab, hosts: readonly Host[]): Promise<Stages> {
  const names = hosts.map(({ name }) => name);
  const env = { SSH_CONFIG: writeSshConfig(lab, hosts), PARALLEL: `${parallelJoinsDefault}` };
  const begun = Date.now() / 1000;
  const run = await runInLab(lab, ["sh", "-c", script, "by-hand", ...names], {
    env,
    timeoutSeconds: limitSeconds,
  });
  if (run.status !== 0) throw new Error(`joining "${names.join(", ")}" by hand: ${lastLines(run.stderr)}`);
  const stage = (name: keyof Stages) => timeOf(run.stdout, name) - begun;
  return { started: stage("started"), joined: stage("joined"), ready: stage("ready") };
}

/** What an administrator has in ~/.ssh/config. */
function writeSshConfig(lab: Lab, hosts: readonly Host[]): string {
  const path = join(lab.directory, "ssh_config");
  const names = hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`);
  const common = `Host *
  User root
  IdentityFile ${lab.sshKey}
  IdentitiesOnly yes
  UserKnownHostsFile ${lab.knownHosts}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  LogLevel ERROR
`;
  writeFileSync(path, names.join("") + common);
  return path;
}

function timeOf(output: string, stage: string): number {
  const time = new RegExp(`^${stage}=(.*)$`, "m").exec(output)?.[1];
  return Number(time ?? Number.NaN);
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-10).join("\n");
}
