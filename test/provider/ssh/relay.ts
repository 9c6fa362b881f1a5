// A TCP relay in front of an sshd whose behaviour a test chooses per connection.
import { connect, createServer, type Server, type Socket } from "node:net";
import type { HostAddress } from "../../../components/model/host.ts";

/** A running relay. */
export interface Relay extends AsyncDisposable {
  /** The sshd's address, as seen through the relay. */
  readonly host: HostAddress;
  /** Counts the connections that were ever made. */
  connections(): number;
  /** Closes all standing connections. */
  cut(): void;
  /** Passes nothing on over the standing connections any more, and closes none; new ones work. */
  freeze(): void;
}

/** Starts a relay to `target` that asks what to do with each connection; the first has count 1. */
export async function startRelay(
  target: HostAddress,
  decide: (count: number) => "forward" | "drop" | "mute",
): Promise<Relay> {
  let count = 0;
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    const decision = decide(++count);
    if (decision === "drop") socket.destroy();
    if (decision !== "forward") return;
    const upstream = connect(target.port, target.address);
    sockets.push(upstream);
    upstream.on("error", () => undefined);
    socket.pipe(upstream).pipe(socket);
    socket.on("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    host: { ...target, port },
    connections: () => count,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    freeze: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
