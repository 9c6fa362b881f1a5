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

/** Who makes a call. */
export interface Caller {
  /** Address of the caller's end of the connection: an engine has one for all its calls. */
  readonly peer: string;
  /** Aborted when the caller gives the call up, or is gone. */
  readonly gone: AbortSignal;
}

/** Turns an async function from request to reply into a gRPC handler; a rejection becomes the call's error. */
export function unary<Request, Reply>(
  answer: (request: Request, caller: Caller) => Reply | Promise<Reply>,
): grpc.handleUnaryCall<Request, Reply> {
  return (call, callback) => {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    Promise.resolve(call.request)
      .then((request) => answer(request, { peer: call.getPeer(), gone: gone.signal }))
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

/** One thing for each engine: the one that started this process, or those that attach to it, each by its connection. */
export class PerEngine<T> {
  readonly #make: (engineAddress: string) => T;
  readonly #starter: T | undefined;
  readonly #attached = new Map<string, T>();

  /** The engine that starts a plugin names its address as the last argument; those that attach say it later. */
  constructor(make: (engineAddress: string) => T) {
    const address = process.argv
      .slice(2)
      .filter((argument) => !argument.startsWith("-"))
      .at(-1);
    this.#make = make;
    this.#starter = address === undefined ? undefined : make(address);
  }

  /** Greets an engine that names its address in a handshake. */
  greet({ peer }: Caller, engineAddress: string): void {
    if (this.#starter === undefined) this.#attached.set(peer, this.#make(engineAddress));
  }

  /** Whether engines attach to this process, which none of them has started. */
  get attach(): boolean {
    return this.#starter === undefined;
  }

  of({ peer }: Caller): T {
    const known = this.#starter ?? this.#attached.get(peer);
    if (known !== undefined) return known;
    throw new Error(`answering "${peer}": no engine address given. The Pulumi CLI gives it.`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
