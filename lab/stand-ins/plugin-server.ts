// Serves one gRPC service the way the Pulumi engine expects of a plugin: any free port, printed on the first line.
import grpc from "@grpc/grpc-js";

/** Handlers by method name; a method without one answers UNIMPLEMENTED. */
export type Handlers = grpc.UntypedServiceImplementation;

/**
 * Serves `handlers` on 127.0.0.1 and prints the port for the engine that started this process. Ends the process
 * when standard input does: the engine holds it open, so it ends even with an engine that was killed.
 */
export function servePlugin(service: grpc.ServiceDefinition, handlers: Handlers): void {
  process.stdin.resume().once("end", () => process.exit());
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(service, handlers);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw new Error(`starting a plugin server on "127.0.0.1": ${error.message}`, { cause: error });
    process.stdout.write(`${port}\n`);
  });
}

/** Turns an async function from request to reply into a gRPC handler; a rejection becomes the call's error. */
export function unary<Request, Reply>(
  answer: (request: Request) => Reply | Promise<Reply>,
): grpc.handleUnaryCall<Request, Reply> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (reply) => callback(null, reply),
        (error: unknown) => callback({ code: grpc.status.UNKNOWN, details: messageOf(error) }),
      );
  };
}

/** Turns an async function that writes its replies into a gRPC handler; a rejection becomes the call's error. */
export function streaming<Request, Reply>(
  answer: (call: grpc.ServerWritableStream<Request, Reply>) => Promise<void>,
): grpc.handleServerStreamingCall<Request, Reply> {
  return (call) => {
    answer(call).catch((error: unknown) =>
      call.emit("error", { code: grpc.status.UNKNOWN, details: messageOf(error) }),
    );
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
