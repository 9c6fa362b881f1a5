// What several entries of the pools must be together: unique names, addresses and taints, a count that hosts can meet,
// rules that fit each other.
// Looks at raw config, so that these problems are reported beside those of single fields. Pure.
import { checkHooks } from "./hook-schema.ts";
import { prepareFault } from "./prepare-syntax.ts";
import { type Path, type Problem, show } from "./problem.ts";
import { entriesOf, findRepeats, isMap, keyOf, type Located, type Unvalidated } from "./raw-config.ts";

/** Checks all pools of a stack together; `defaultPort` is the port of hosts that name none. */
export function crossCheck(pools: unknown, defaultPort: number): Problem[] {
  const entries = entriesOf(pools).map(({ at, entry }) => ({ path: ["pools", at], entry }));
  const hosts = entries.flatMap(hostsOf);
  return [
    ...findRepeats(
      entries,
      "name",
      (pool) => keyOf(pool.name),
      "the name of",
      "Give each pool its own name.",
    ),
    ...findRepeats(hosts, "name", (host) => keyOf(host.name), "the name of", onlyOnce),
    ...findRepeats(hosts, "address", (host) => endpointOf(host, defaultPort), "the address of", onlyOnce),
    ...entries.flatMap(checkCount),
    ...entries.flatMap(checkPrepare),
    ...entries.flatMap(({ path, entry }) => checkHooks(path, entry.hooks)),
    ...[...entries, ...hosts].flatMap(checkTaints),
    ...[...entries, ...hosts].flatMap(({ path, entry }) => checkDrain(path, entry.drain)),
  ];
}

const onlyOnce = "A machine is one node of one pool: remove one of the two entries.";

function hostsOf(pool: Located): Located[] {
  return entriesOf(pool.entry.hosts).map(({ at, entry }) => ({
    path: [...pool.path, "hosts", at],
    entry,
  }));
}

function endpointOf(host: Unvalidated, defaultPort: number): string | undefined {
  const address = keyOf(host.address);
  return address && `${address} ${host.port ?? defaultPort}`;
}

function checkCount({ path, entry }: Located): Problem[] {
  const { count, hosts } = entry;
  if (!Number.isInteger(count) || !Array.isArray(hosts)) return [];
  // A state that is no state is reported by itself; here it counts, so that one mistake makes one message.
  const eligible = entriesOf(hosts).filter(
    ({ entry }) => entry.state !== "spare" && entry.state !== "lost",
  ).length;
  if (Number(count) <= eligible) return [];
  const text = `${count} is more than the pool has eligible hosts (${eligible}); all but spare and lost ones are. Lower the count, or add hosts.`;
  return [{ path: [...path, "count"], text }];
}

function checkPrepare({ path, entry: { prepare } }: Located): Problem[] {
  const given = isMap(prepare) ? Object.entries(prepare) : [];
  // A field of another kind is reported by itself.
  const text = prepareFault(Object.fromEntries(given.filter(([, value]) => typeof value === "string")));
  return text === undefined ? [] : [{ path: [...path, "prepare"], text }];
}

function checkTaints({ path, entry }: Located): Problem[] {
  const taints = entriesOf(entry.taints).map((taint) => ({
    path: [...path, "taints", taint.at],
    entry: taint.entry,
  }));
  const identify = (taint: Unvalidated) =>
    typeof taint.key === "string" && typeof taint.effect === "string"
      ? `${taint.key}:${taint.effect}`
      : undefined;
  return findRepeats(
    taints,
    "key",
    identify,
    "with the same effect in",
    "Key and effect identify a taint: keep one.",
  );
}

/** Checks the raw `drain` of a pool or a host whose path this is. */
export function checkDrain(path: Path, drain: unknown): Problem[] {
  const rules = entriesOf(isMap(drain) ? drain.rules : undefined).map(({ at, entry }) => ({
    path: [...path, "drain", "rules", at],
    entry,
  }));
  const orderless = rules.filter(
    ({ entry: { order, action } }) =>
      Number.isInteger(order) && (action === "skip" || action === "waitCompleted"),
  );
  return [
    ...findRepeats(rules, "name", (rule) => keyOf(rule.name), "the name of", "Give each rule its own name."),
    ...orderless.map((rule) => ({
      path: [...rule.path, "order"],
      text: `${show(rule.entry.order)} has no effect: action ${rule.entry.action} puts pods in no order. Remove it, or set the action to drain or restart.`,
    })),
  ];
}
