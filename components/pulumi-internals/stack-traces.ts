// Stack traces that cost little: Pulumi's SDK takes one for each promise and resource, and maps every frame to the source
// that it was compiled from, which was a third of the processor time of a program with a dozen nodes.
// Bet: `cmd/run` has set `Error.prepareStackTrace` (source-map-support), and what it returns for no frames is the head.
import { fileURLToPath } from "node:url";

const ownFolder = fileURLToPath(new URL(".", import.meta.url));

/** Leaves the frames of packages, of Node and of this one as they are; those of the user's program are mapped as before. */
export function mapOnlyFramesOfTheProgram(): void {
  const map = Error.prepareStackTrace;
  if (map === undefined || "isCheap" in map) return;
  const prepare = (error: Error, frames: NodeJS.CallSite[]): string => {
    const head = String(map(error, []));
    const lines = frames.map((frame) =>
      isProgram(frame) ? String(map(error, [frame])).slice(head.length) : `\n    at ${frame}`,
    );
    return head + lines.join("");
  };
  Error.prepareStackTrace = Object.assign(prepare, { isCheap: true });
}

function isProgram(frame: NodeJS.CallSite): boolean {
  const file = frame.getFileName() ?? "node:";
  return !file.startsWith("node:") && !file.includes("/node_modules/") && !file.startsWith(ownFolder);
}
