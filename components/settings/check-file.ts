// Words the problem of a file that the config names and that cannot be read. Pure.
import { type Path, type Problem, show } from "./problem.ts";
import type { FileText } from "./surroundings.ts";

/** Reports a file that the config names and that cannot be read. */
export function checkFile(path: Path, file: string, { fault }: FileText): Problem[] {
  if (fault === undefined) return [];
  const remedy = file.startsWith(".lab/")
    ? "The lab writes it when it starts: run `npm run lab -- up` first."
    : "Paths are relative to the project's folder: correct the path, or create the file.";
  return [{ path, text: `${show(file)} cannot be read: ${fault}. ${remedy}` }];
}
