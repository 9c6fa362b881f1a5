// The join as its enrollment leaves it on the host, for root alone, and the command that runs it: Pulumi's state, which has
// every command twice, holds neither the program nor the token.
import { createHash } from "node:crypto";
import { rootCommand, rootProgram, sizedProgram } from "../ssh/program.ts";
import { loadHostScripts } from "./scripts.ts";

/** Folder and name of the program on a host; written by leave-join.sh, removed by reset.sh. */
const [folder, name] = ["/var/lib/nodepools", "join"];

const purpose =
  "nodepools: kubeadm join. Cut short: run pulumi up again, it goes on or starts over. Machine gone for good: state: lost.";

// Nobody but root can write there; the sum tells a program of another release, or one that was damaged. A host that has
// joined by then needs none.
const runner =
  `cd ${folder} && echo "$1  ${name}" | sha256sum -c --quiet - >&2 && exec sh ${name}; ` +
  'test -e /etc/kubernetes/kubelet.conf && echo "this host is joined already"';

/** Returns the command that runs the program which the enrollment of this run has left. */
export function joinCommand(user: string): string {
  return rootCommand(user, runner, purpose, known().sum);
}

/** Returns what leave-join.sh reads: the program, and a text from `renderJoinConfiguration`, empty for a joined host. */
export function leaveJoinInput(configuration: string): string {
  return sizedProgram(known().program, configuration);
}

let made: { readonly program: string; readonly sum: string } | undefined;

/** The same for all hosts. */
function known() {
  if (made === undefined) {
    const program = rootProgram(loadHostScripts().join);
    made = { program, sum: createHash("sha256").update(program).digest("hex") };
  }
  return made;
}
