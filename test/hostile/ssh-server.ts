// An SSH server on loopback that lets everybody in and does with each command what a test wants.
import type { AddressInfo } from "node:net";
import ssh2, { type Connection, type ServerChannel } from "ssh2";
import type { HostAddress } from "../../components/model/host.ts";

/** A running server; it takes every key. */
export interface LyingServer extends AsyncDisposable {
  readonly host: HostAddress;
  readonly credentials: { readonly privateKey: string };
}

/** Starts a server that answers each command by `behave`. */
export async function startLyingServer(
  behave: (channel: ServerChannel, command: string) => void,
): Promise<LyingServer> {
  const [hostKey, clientKey] = [newKey(), newKey()];
  const clients = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    clients.add(client);
    client.on("error", () => undefined);
    client.on("authentication", (context) => context.accept());
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.on("error", () => undefined);
        behave(channel, command);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const [type = "", key = ""] = hostKey.public.split(" ");
  return {
    host: { address: "127.0.0.1", port, user: "root", hostKey: `${type} ${key}` },
    credentials: { privateKey: clientKey.private },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.end();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** Of another type than ed25519, of which one in 256 cannot be read: https://github.com/mscdex/ssh2/issues/1513 */
const newKey = () => ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 });

/** Ends a command as a program of ours ends that has said this, with the marks around it. */
export function answer(channel: ServerChannel, said: string, { status = 0, stderr = "" } = {}): void {
  channel.stderr.write(stderr);
  channel.exit(status);
  channel.end(`\n[nodepools] begins as root\n${said}[nodepools] ends with status ${status}\n`);
}
