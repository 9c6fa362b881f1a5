// A real kube-apiserver with etcd and, on demand, controllers, for one test file at a time.
import { inject } from "vitest";
import { type ApiServerAddress, startControllers } from "./kube-processes.ts";
import { borrowServing } from "./shared-api-servers.ts";

/** Holds a running API server without anything that the server did not make by itself. */
export interface ApiServer extends ApiServerAddress, AsyncDisposable {
  stop(): Promise<void>;
}

/** Chooses what runs beside the API server. */
export interface ApiServerOptions {
  /** Controllers of kube-controller-manager by name; none when absent. `["disruption"]` makes budgets live. */
  readonly controllers?: readonly string[];
}

/** Returns an API server of the run that nobody else uses now, or starts one in about five seconds. */
export async function startApiServer({ controllers = [] }: ApiServerOptions = {}): Promise<ApiServer> {
  const { address, giveBack } = await borrowServing(inject("apiServers"));
  const starting = controllers.length > 0 ? startControllers(address, controllers) : undefined;
  const manager = await starting?.catch((error) => {
    giveBack();
    throw error;
  });
  const stop = async () => {
    await manager?.stop();
    giveBack();
  };
  return { ...address, stop, [Symbol.asyncDispose]: stop };
}
