// Asks an SSH server for its public key, as ssh-keyscan does: nothing proves yet whose it is.
import ssh2, { type ServerHostKeyAlgorithm } from "ssh2";
import { oneLine } from "../model/foreign-text.ts";
import { hostKeyAlgorithms } from "./host-key.ts";

/** Where a server is. */
export interface Server {
  readonly address: string;
  readonly port: number;
}

/** Returns its key as `type base64`, of the first of these types that it has; rejects with why there is none. */
export function scanHostKey(
  { address, port }: Server,
  types: readonly string[],
  timeoutSeconds: number,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const client = new ssh2.Client();
  const hostVerifier = (key: Buffer): boolean => {
    const type = key.subarray(4, 4 + key.readUInt32BE(0)).toString("latin1");
    if (types.includes(type)) resolve(`${type} ${key.toString("base64")}`);
    else reject(new Error(`its key is of type ${oneLine(type, 40)}`));
    return false;
  };
  // Refusing the key makes an error as well, which comes too late to count; unheard, it would end the process.
  client.on("error", (error) => reject(new Error(oneLine(error.message))));
  client.once("close", () => reject(new Error("the server closed the connection")));
  client.connect({
    host: address,
    port,
    username: "none",
    readyTimeout: timeoutSeconds * 1000,
    algorithms: { serverHostKey: types.flatMap(hostKeyAlgorithms) as ServerHostKeyAlgorithm[] },
    hostVerifier,
  });
  return promise.finally(() => client.destroy());
}
