// Runs one command on an open connection, with a deadline and with stdin.
import type { Client, ClientChannel } from "ssh2";
import { actAfter, systemClock } from "../model/clock.ts";

/** How much one stream of a command may say, in characters: a hundred times what the longest script has to. */
export const outputLimit = 1024 * 1024;

/**
 * Tells how a command ended: by itself, by a signal, at the deadline, cut off because it said more than `outputLimit`, or
 * unknown because the connection was lost.
 */
export type Ending =
  | { readonly kind: "exit"; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "signal"; readonly signal: string; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "deadline"; readonly stdout: string; readonly stderr: string }
  | {
      readonly kind: "flood";
      readonly stream: "stdout" | "stderr";
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: "disconnected"; readonly cause: Error | undefined };

/** Runs a command and reports how it ended; never rejects. At the deadline the command may go on on the host. */
export function execute(
  client: Client,
  command: string,
  stdin: string,
  timeoutSeconds: number,
): Promise<Ending> {
  return new Promise((resolve) => {
    let channel: ClientChannel | undefined;
    let lost: Error | undefined;
    const output = { stdout: "", stderr: "" };
    const finish = (ending: Ending): void => {
      callOff();
      client.off("error", onError);
      client.off("close", onClose);
      resolve(ending);
    };
    const onError = (error: Error): void => {
      lost = error;
    };
    const onClose = (): void => finish({ kind: "disconnected", cause: lost });
    const callOff = actAfter(systemClock, timeoutSeconds, () => {
      channel?.close();
      finish({ kind: "deadline", ...output });
    });
    client.on("error", onError);
    client.on("close", onClose);
    try {
      client.exec(command, (error, opened) => {
        if (error !== undefined) {
          finish({ kind: "disconnected", cause: error });
          return;
        }
        channel = opened;
        follow(opened, output, finish);
        opened.end(stdin);
      });
    } catch (error) {
      // ssh2 throws "Not connected" when the connection ended before the call.
      finish({ kind: "disconnected", cause: error instanceof Error ? error : new Error(String(error)) });
    }
  });
}

function follow(
  channel: ClientChannel,
  output: { stdout: string; stderr: string },
  finish: (ending: Ending) => void,
): void {
  const gather = (stream: "stdout" | "stderr") => (text: string) => {
    if (output[stream].length + text.length <= outputLimit) {
      output[stream] += text;
      return;
    }
    channel.close();
    finish({ kind: "flood", stream, ...output });
  };
  channel.setEncoding("utf8");
  channel.stderr.setEncoding("utf8");
  channel.on("data", gather("stdout"));
  channel.stderr.on("data", gather("stderr"));
  // A script may end without reading its stdin; how it ended is told by its exit status, not by EPIPE.
  channel.on("error", () => undefined);
  let ended: { code: number | null; signal: string | undefined } | undefined;
  channel.on("exit", (code: number | null, signal?: string) => {
    ended = { code, signal };
  });
  channel.on("close", () => {
    if (ended === undefined) {
      // Without an exit status the connection itself is going down: its own "close" follows and has the cause.
      return;
    }
    finish(
      ended.code === null
        ? { kind: "signal", signal: ended.signal ?? "unknown", ...output }
        : { kind: "exit", code: ended.code, ...output },
    );
  });
}
