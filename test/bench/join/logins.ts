// Counts how often somebody logs in to hosts over SSH, by their own sshd's word.
import type { Host } from "../../../lab/hosts/host.ts";
import { type Lab, ssh } from "../../../lab/lab.ts";

// sshd's words pass through a queue: once its own login is in the journal, all earlier ones are.
const question = `accepted() { journalctl --unit=ssh --output=cat --no-pager | grep '^Accepted publickey'; }
own=$(echo "$SSH_CONNECTION" | cut -d ' ' -f 2)
until accepted | grep -q "port $own "; do sleep 0.1; done
accepted | wc -l`;

/** Does the work and returns how many logins all these hosts together have accepted meanwhile. */
export async function countLogins<T>(
  lab: Lab,
  hosts: readonly Host[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly logins: number }> {
  const before = await loginsOn(lab, hosts);
  const result = await work();
  // The second count has logged in once on each host as well.
  return { result, logins: (await loginsOn(lab, hosts)) - before - hosts.length };
}

async function loginsOn(lab: Lab, hosts: readonly Host[]): Promise<number> {
  const counts = await Promise.all(hosts.map((host) => loginsOnOne(lab, host)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function loginsOnOne(lab: Lab, { name }: Host): Promise<number> {
  const { status, stdout, stderr } = await ssh(lab, name, question);
  if (status === 0) return Number(stdout);
  const cause = status === null ? "its own login does not show in the journal" : stderr.trim();
  throw new Error(`counting the logins on host "${name}": ${cause}`);
}
