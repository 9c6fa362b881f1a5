// The debug log of Pulumi's SDK, which it writes whether or not anybody reads it (`pulumi --debug`): without secrets, and
// many lines in one call. It would print every resource's outputs in clear, and make several calls to the engine for each.
import * as pulumi from "@pulumi/pulumi";
import { actAfter, systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";

// Bet: the SDK logs through the object `pulumi.log`, and what the engine answered, secret outputs included, in lines of
// this form (runtime/resource.ts).
const answer = / RPC finished: /;
const success = /err: null, resp: /;

const mostLines = 1000;

let isQuiet = false;

/**
 * Drops the debug lines that repeat outputs, the SSH private key and the bootstrap token among them, and sends the others
 * together. Bet: `rpcKeepAlive` keeps the engine's connection open until what it returns is called (runtime/settings.ts).
 */
export function quietDebugLog(): void {
  if (isQuiet) return;
  isQuiet = true;
  const { debug } = pulumi.log;
  let lines: string[] = [];
  let release: () => void = () => undefined;
  const send = () => {
    const [text, done] = [lines.join("\n"), release];
    lines = [];
    if (text !== "") void debug(text).finally(done);
  };
  const later: typeof debug = async (message, ...rest) => {
    if (answer.test(message.slice(0, 200)) && success.test(message)) return;
    if (rest.length > 0) {
      send();
      return debug(message, ...rest);
    }
    if (lines.length === 0) {
      release = pulumi.runtime.rpcKeepAlive();
      actAfter(systemClock, durations.debugLines, send);
    }
    lines.push(message);
    if (lines.length >= mostLines) send();
  };
  Object.assign(pulumi.log, { debug: later });
}
