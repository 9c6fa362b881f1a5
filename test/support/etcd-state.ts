// Puts a test API server back to what it held at first, behind its back: its caches follow etcd.

const ranges = { key: base64("/registry/"), range_end: base64("/registry0") };
/** Written by the server itself all the time. */
const serversOwn = "/registry/leases/kube-system/apiserver-";
/** What a server has made by itself last. */
const madeAtFirst = [
  "/registry/namespaces/kube-node-lease",
  "/registry/configmaps/kube-system/extension-apiserver-authentication",
  "/registry/services/specs/default/kubernetes",
];
// etcd allows 128 operations in one transaction.
const longestTransaction = 100;
const millisecondsToWait = 30_000;

interface Entry {
  /** In base64, like the value. */
  readonly key: string;
  readonly value?: string;
  readonly mod_revision: string;
}

/** What a server held at some time. */
export interface EtcdState {
  /** Makes the server hold that again, and nothing else. */
  restore(): Promise<void>;
}

/** Remembers what a server holds as soon as it has made all that it makes by itself. */
export async function rememberState(etcd: string): Promise<EtcdState> {
  const end = Date.now() + millisecondsToWait;
  for (;;) {
    const entries = await list(etcd, {});
    const keys = new Set(entries.map(({ key }) => text(key)));
    if (madeAtFirst.every((key) => keys.has(key))) return { restore: () => restore(etcd, entries) };
    if (Date.now() > end) throw new Error(`waiting for ${madeAtFirst.join(", ")} in "${etcd}": not there`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function restore(etcd: string, entries: readonly Entry[]): Promise<void> {
  const former = new Map(entries.map((entry) => [entry.key, entry]));
  const present = new Map((await list(etcd, { keys_only: true })).map((entry) => [entry.key, entry]));
  const added = [...present.keys()].filter((key) => !former.has(key));
  const changed = entries.filter(
    ({ key, mod_revision }) =>
      present.get(key)?.mod_revision !== mod_revision && !text(key).startsWith(serversOwn),
  );
  const operations = [
    ...added.map((key) => ({ request_delete_range: { key } })),
    ...changed.map(({ key, value }) => ({ request_put: { key, value } })),
  ];
  for (let at = 0; at < operations.length; at += longestTransaction) {
    await call(etcd, "txn", { success: operations.slice(at, at + longestTransaction) });
  }
}

async function list(etcd: string, options: object): Promise<readonly Entry[]> {
  const { kvs = [] } = (await call(etcd, "range", { ...ranges, ...options })) as { kvs?: Entry[] };
  return kvs;
}

/** Calls etcd's gateway from JSON to gRPC. */
async function call(etcd: string, method: string, body: object): Promise<unknown> {
  const response = await fetch(`${etcd}/v3/kv/${method}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok)
    throw new Error(`calling "${etcd}" ${method}: ${response.status} ${await response.text()}`);
  return response.json();
}

function base64(plain: string): string {
  return Buffer.from(plain).toString("base64");
}

function text(encoded: string): string {
  return Buffer.from(encoded, "base64").toString();
}
