// Bet: Pulumi starts a dynamic provider with the engine's address as its last argument, and leaves the SDK's log
// unconnected (cmd/dynamic-provider). The log is connected by the SDK's resetOptions, and asks a resource for its URN only.
import * as pulumi from "@pulumi/pulumi";

let connected = false;

/** Connects the log of this provider process to the engine, once: lines would lose their resource's row otherwise. */
export function connectEngineLog(): void {
  if (connected) return;
  connected = true;
  const engine = process.argv.at(-1) ?? "";
  if (!/^[\w.[\]:-]+:\d+$/.test(engine)) return;
  pulumi.runtime.resetOptions("nodepools", "provider", 16, engine, "", false, "");
}

/** Returns what stands for the resource with this URN in the SDK's log. */
export function logTarget(urn: string): pulumi.Resource {
  return { urn: pulumi.output(urn) } as unknown as pulumi.Resource;
}
