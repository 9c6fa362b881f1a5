// What the plugin can do with one type of resource, on property bags.

import type { Change } from "../difference.ts";
import type { RowLog } from "../engine-log.ts";
import type { Properties } from "../properties.ts";
import type { InputProblem } from "./inputs.ts";

/** Where a resource reports to, and what ends its waiting. */
export interface ResourceContext {
  readonly log: RowLog;
  readonly cancelled: AbortSignal;
}

/** The life of one type of resource. */
export interface ResourceLife {
  withDefaults(inputs: Properties): Properties;
  inputProblems(inputs: Properties): InputProblem[];
  changedInputs(state: Properties, inputs: Properties): Change[];
  newId(name: string): string;
  previewCreate(inputs: Properties): Properties;
  create(inputs: Properties, context: ResourceContext): Promise<Properties>;
  previewUpdate(state: Properties, inputs: Properties): Properties;
  update(state: Properties, inputs: Properties, context: ResourceContext): Promise<Properties>;
  remove(state: Properties, context: ResourceContext): Promise<void>;
}
