// What a preview said and would do, read from the engine's event log. Pure.
// Its format: https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/go/common/apitype/events.go
import type { DisruptionFact } from "../drain/preview/facts.ts";
import type { RosterInputs } from "../providers/roster/state.ts";
import { isMap } from "../settings/raw-config.ts";

/** What a review takes from a preview. */
export interface PreviewFindings {
  readonly facts: readonly DisruptionFact[];
  /** What the Roster refused. */
  readonly refusals: readonly string[];
  /** Why the preview failed, beside refusals. */
  readonly errors: readonly string[];
  /** Warnings, which facts never are. */
  readonly warnings: readonly string[];
  /** The members in the state and those that are declared; undefined when the preview did not get that far. */
  readonly rosters: { readonly olds: RosterInputs | undefined; readonly news: RosterInputs } | undefined;
}

interface Diagnostic {
  readonly urn?: string;
  readonly message: string;
  readonly severity: string;
  readonly ephemeral?: boolean;
}

/** Reads the log, of which the last line may be half written; lines of other kinds are left alone. */
export function readPreview(log: string): PreviewFindings {
  const events = log.split("\n").filter(isRead).flatMap(parseLine);
  const said = events.flatMap(({ diagnosticEvent }) =>
    isDiagnostic(diagnosticEvent) ? [diagnosticEvent] : [],
  );
  const kept = said.filter(({ ephemeral }) => ephemeral !== true).map(clean);
  const [ofRoster, ofOthers] = [kept.filter(isOfRoster), kept.filter((one) => !isOfRoster(one))];
  const told = (diagnostics: readonly Diagnostic[], severity: string) =>
    diagnostics.filter((one) => one.severity === severity).map(({ message }) => message);
  return {
    facts: told(kept.filter(isOfProduct), "info").flatMap(parseFact),
    refusals: told(ofRoster, "error"),
    errors: told(ofOthers, "error"),
    warnings: told(kept, "warning"),
    rosters: events.map(rostersOf).find(Boolean),
  };
}

type Event = Readonly<Record<string, unknown>>;

/** Most lines are the states of thousands of resources, which would be parsed for nothing. */
function isRead(line: string): boolean {
  return (
    line.includes('"diagnosticEvent"') || (line.includes('"resourcePreEvent"') && line.includes(rosterType))
  );
}

function parseLine(line: string): Event[] {
  try {
    const event: unknown = JSON.parse(line);
    return isMap(event) ? [event] : [];
  } catch {
    return [];
  }
}

function isDiagnostic(event: unknown): event is Diagnostic {
  return isMap(event) && typeof event.message === "string" && typeof event.severity === "string";
}

/** The engine marks colours in the text, and names the resource before what its check found; lists become one line. */
function clean(diagnostic: Diagnostic): Diagnostic {
  const text = diagnostic.message
    .replaceAll(/<\{%.*?%\}>/g, "")
    .trim()
    .replaceAll(/\s*\n\s*/g, "; ");
  return { ...diagnostic, message: text.replace(/^\S+ resource '[^']*' has a problem: /, "") };
}

const rosterType = "pulumi-nodejs:dynamic/nodepools:Roster";

function isOfRoster({ urn = "" }: Diagnostic): boolean {
  return urn.includes(`${rosterType}::`);
}

/** A refresh has each member tell of its own Node. */
function isOfProduct({ urn = "" }: Diagnostic): boolean {
  return urn.includes("pulumi-nodejs:dynamic/nodepools:");
}

function parseFact(message: string): DisruptionFact[] {
  const [fact] = parseLine(message);
  return typeof fact?.kind === "string" ? [fact as unknown as DisruptionFact] : [];
}

function rostersOf({ resourcePreEvent }: Event): PreviewFindings["rosters"] {
  const metadata = isMap(resourcePreEvent) ? resourcePreEvent.metadata : undefined;
  if (!isMap(metadata) || metadata.type !== rosterType) return undefined;
  const inputsOf = (state: unknown) =>
    isMap(state) && isMap(state.inputs) && Array.isArray(state.inputs.members)
      ? (state.inputs as unknown as RosterInputs)
      : undefined;
  const news = inputsOf(metadata.new);
  return news && { olds: inputsOf(metadata.old), news };
}
