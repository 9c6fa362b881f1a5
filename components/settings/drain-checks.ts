// What several fields of a `drain` must be together: rules with names of their own, an order where it can matter.
// Looks at raw config, so that these problems are reported beside those of single fields. Pure.
import { isMap, looseEntries } from "./loose.ts";
import { type Path, type Problem, show } from "./problem.ts";
import { findRepeats, keyOf } from "./repeats.ts";

/** Checks the raw `drain` of a pool or a host whose path this is. */
export function checkDrain(path: Path, drain: unknown): Problem[] {
  const rules = looseEntries(isMap(drain) ? drain.rules : undefined).map(({ at, entry }) => ({
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
      text: `${show(rule.entry.order)} has no effect: action ${rule.entry.action} puts pods in no order. Remove it, or set the action to drain.`,
    })),
  ];
}
