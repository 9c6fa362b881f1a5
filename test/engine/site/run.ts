// What one run of the engine did and said, read from its event log: steps and messages, each with the resource it is of.
/** One line of the log; https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/go/common/apitype/events.go */
export interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: { readonly op: string; readonly urn: string } };
  readonly resOutputsEvent?: { readonly metadata: { readonly op: string; readonly urn: string } };
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly message: string;
    readonly severity: string;
    readonly ephemeral?: boolean;
  };
}

/** A run of the CLI that has ended. */
export interface EngineRun {
  readonly ok: boolean;
  /** Exit code of the CLI. */
  readonly status: number;
  /** Both outputs together, as a person sees them. */
  readonly text: string;
  readonly events: readonly EngineEvent[];
}

/** Names a resource by the last part of its type and its own name, such as `NodeMembership w1`. */
export function resourceOf(urn: string): string {
  const [, , type = "", name = ""] = urn.split("::");
  return `${type.split(":").at(-1)} ${name}`;
}

/** Lists what the run did or would do, such as `update NodeMembership w1`, sorted; nothing of what stays the same. */
export function stepsOf({ events }: EngineRun): string[] {
  const steps = events.flatMap(({ resourcePreEvent, resOutputsEvent }) => {
    // A refresh tells what it found when it has found it.
    const metadata = resourcePreEvent?.metadata ?? resOutputsEvent?.metadata;
    // Pulumi's own: the stack, and providers, whose configuration is that of the stack.
    if (metadata === undefined || /::pulumi:(pulumi:Stack|providers:[\w-]+)::/.test(metadata.urn)) return [];
    return [{ op: metadata.op, resource: resourceOf(metadata.urn) }];
  });
  const told = steps.filter(({ op }) => !["same", "refresh", "read"].includes(op));
  return [...new Set(told.map(({ op, resource }) => `${op} ${resource}`))].sort();
}

/** Lists what was said of a resource, or of all, and stays to be read: `warning: text`. */
export function saidOf({ events }: EngineRun, resource?: string): string[] {
  return events.flatMap(({ diagnosticEvent: said }) => {
    if (said === undefined || said.ephemeral === true) return [];
    if (resource !== undefined && resourceOf(said.urn ?? "") !== resource) return [];
    return [`${said.severity}: ${said.message.replace(/<\{%.*?%\}>/g, "").trim()}`];
  });
}

/** Waits for a run that has to succeed. */
export async function succeeds(running: Promise<EngineRun>): Promise<EngineRun> {
  const run = await running;
  if (!run.ok) throw new Error(`the run failed.\n${lastSeen(run)}`);
  return run;
}

/** Waits for a run that has to fail. */
export async function fails(running: Promise<EngineRun>): Promise<EngineRun> {
  const run = await running;
  if (run.ok) throw new Error(`the run succeeded.\n${lastSeen(run)}`);
  return run;
}

/** Expects that the run says this of a resource; otherwise the test fails with all that it said. */
export function expectSaid(run: EngineRun, resource: string, text: string | RegExp): void {
  const said = saidOf(run, resource).join("\n");
  const isSaid = typeof text === "string" ? said.includes(text) : text.test(said);
  if (!isSaid) throw new Error(`${resource} does not say ${text}, but:\n${said}\n${lastSeen(run)}`);
}

function lastSeen(run: EngineRun): string {
  const tail = run.text.trim().split("\n").slice(-30);
  // A failing command shows its whole script.
  const lines = tail.map((line) => (line.length > 400 ? `${line.slice(0, 400)} …` : line));
  return `${lines.join("\n")}\nSteps: ${stepsOf(run).join(", ") || "none"}`;
}
