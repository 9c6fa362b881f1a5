// Follows the changes of one kind of object, without a gap.
import type { KubernetesObject, V1ListMeta } from "@kubernetes/client-node";
import type { Clients } from "./clients.ts";

/** A watch that goes on until it is disposed of. */
export interface Changes extends Disposable {
  /** Throws when changes may have been missed. */
  requireWhole(): void;
}

/**
 * Hands on every change after the given list, in the order in which the server wrote them. A watch that ends, as the
 * client's does after 30 s without a change, goes on from the last version seen.
 */
export function followChanges<Item extends KubernetesObject>(
  { watch }: Clients,
  path: string,
  list: V1ListMeta | undefined,
  see: (phase: string, item: Item) => void,
): Changes {
  let resourceVersion = list?.resourceVersion;
  let broken: string | undefined;
  let disposed = false;
  let current: Promise<AbortController>;
  const begin = () => {
    current = watch.watch(path, { resourceVersion }, take, goOn);
  };
  const take = (phase: string, item: Item) => {
    // The server has forgotten the version: what came after it is lost.
    if (phase === "ERROR") broken ??= `the server ended it: ${JSON.stringify(item)}`;
    if (broken !== undefined) return;
    resourceVersion = item.metadata?.resourceVersion ?? resourceVersion;
    see(phase, item);
  };
  const goOn = (error: unknown) => {
    if (disposed || broken !== undefined) return;
    const isPause = error === null || (error instanceof DOMException && error.name === "TimeoutError");
    if (isPause) begin();
    else broken = error instanceof Error ? error.message : String(error);
  };
  begin();
  return {
    requireWhole: () => {
      if (broken !== undefined) throw new Error(`watching "${path}": ${broken}. Run the benchmark again.`);
    },
    [Symbol.dispose]: () => {
      disposed = true;
      void current.then((controller) => controller.abort());
    },
  };
}
