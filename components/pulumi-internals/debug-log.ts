// Keeps secrets out of what `pulumi --debug` and `-v=3` print: Pulumi's SDK logs every resource's outputs in clear.
import * as pulumi from "@pulumi/pulumi";

// Bet: the SDK logs through the object `pulumi.log`, and what the engine answered, secret outputs included, in lines of
// this form (runtime/resource.ts).
const answer = / RPC finished: .*err: null, resp: /s;

let withheld = false;

/** Drops the debug lines that repeat outputs: the SSH private key and the bootstrap token are among them. */
export function withholdOutputsFromDebugLog(): void {
  if (withheld) return;
  withheld = true;
  const { debug } = pulumi.log;
  const quiet: typeof debug = (message, ...rest) =>
    answer.test(message) ? Promise.resolve() : debug(message, ...rest);
  Object.assign(pulumi.log, { debug: quiet });
}
