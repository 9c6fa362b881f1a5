// Passes TCP connections on to a test API server untouched: counts them, and can let them die without a word.
import { connect, createServer, type Socket } from "node:net";
import type { ApiServer } from "./api-server.ts";

/** Holds a running relay. */
export interface TcpRelay extends AsyncDisposable {
  /** Kubeconfig text that leads through the relay, with the admin's own TLS. */
  readonly kubeconfig: string;
  /** Connections that were ever made. */
  readonly made: number;
  /** Connections that stand now. */
  readonly standing: number;
  /** Passes nothing on over the standing connections any more, and closes none; new ones work. */
  freeze(): void;
}

/** Starts a relay on a free port. */
export async function startTcpRelay(api: ApiServer): Promise<TcpRelay> {
  const target = new URL(api.url);
  const pairs = new Set<readonly [Socket, Socket]>();
  let made = 0;
  const server = createServer((near) => {
    made++;
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    near.pipe(far).pipe(near);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.once("close", end).once("error", end);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    kubeconfig: api.kubeconfigText.replace(api.url, `https://127.0.0.1:${port}`),
    get made() {
      return made;
    },
    get standing() {
      return pairs.size;
    },
    freeze: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const [near] of pairs) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
