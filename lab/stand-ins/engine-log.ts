// Log lines on a resource's own row, sent to the engine in the order in which they were written.
import grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";

const { INFO, WARNING, ERROR } = engineMessages.LogSeverity;

/** Writes to one resource's row. */
export interface RowLog {
  /** Shows a line until the next one comes; it is not kept. */
  status(text: string): void;
  /** Writes a line that stays, among the warnings. */
  warning(text: string): void;
  /** Writes a line that stays, among the errors. */
  error(text: string): void;
  /** Waits until the engine has all lines written so far. */
  flush(): Promise<void>;
}

/** Shows what a program has written on one of its outputs. */
export type OutputLog = (output: "out" | "err", text: string) => void;

/**
 * Returns the log of a program's outputs at the engine: there as the engine itself logs what its own children write
 * (runtrace in https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/go/common/resource/plugin/plugin.go).
 */
export function connectOutputLog(address: string): OutputLog {
  const engine = new engineServices.EngineClient(address, grpc.credentials.createInsecure());
  return (output, text) => {
    const request = new engineMessages.LogRequest().setSeverity(INFO).setMessage(text);
    engine.log(request.setStreamid(output === "out" ? 1 : 2), () => {});
  };
}

/** Connects to the engine at `address` and returns a maker of row logs by URN. */
export function connectEngineLog(address: string): (urn: string) => RowLog {
  const engine = new engineServices.EngineClient(address, grpc.credentials.createInsecure());
  const send = (request: InstanceType<typeof engineMessages.LogRequest>) =>
    new Promise<void>((resolve) => {
      engine.log(request, (failure) => {
        // A line that cannot be shown must not fail the command that is running; the engine keeps stderr.
        if (failure) process.stderr.write(`logging to "${address}": ${failure.message}\n`);
        resolve();
      });
    });
  return (urn) => {
    let written = Promise.resolve();
    const write = (
      severity: typeof INFO | typeof WARNING | typeof ERROR,
      text: string,
      ephemeral: boolean,
    ) => {
      const request = new engineMessages.LogRequest();
      request.setSeverity(severity).setMessage(text).setUrn(urn).setEphemeral(ephemeral);
      written = written.then(() => send(request));
    };
    return {
      status: (text) => write(INFO, text, true),
      warning: (text) => write(WARNING, text, false),
      error: (text) => write(ERROR, text, false),
      flush: () => written,
    };
  };
}
