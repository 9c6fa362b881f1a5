// Takes a lab down, whatever state it is in: what to end is found by the lab's name, not by what was written down.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { removeUnfinishedImage } from "./hosts/image.ts";
import type { Lab } from "./lab-folder.ts";
import { withLab } from "./lab-lock.ts";
import { removeNetwork } from "./network/namespace.ts";
import { killAllUnits } from "./processes/units.ts";
import { step } from "./progress.ts";
import { requireRoot } from "./requirements.ts";

/** Folders in which systemd-nspawn leaves one entry for each container that was killed. */
const containerTraces = ["/run/systemd/nspawn/propagate", "/run/systemd/nspawn/unix-export"];

/** Ends everything that belongs to the lab and deletes its folder; does nothing when there is nothing. */
export async function down(lab: Lab): Promise<void> {
  requireRoot();
  await withLab(lab, () =>
    step("taking the lab down", async () => {
      await killAllUnits(lab);
      await removeUnfinishedImage(lab);
      await removeNetwork(lab);
      removeContainerTraces(lab);
      deleteFolder(lab);
    }),
  );
}

function removeContainerTraces(lab: Lab): void {
  for (const folder of containerTraces) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      if (name.startsWith(`${lab.id}-`)) rmSync(join(folder, name), { recursive: true });
    }
  }
}

function deleteFolder(lab: Lab): void {
  // Only what `up` has claimed is deleted.
  if (!existsSync(lab.record)) return;
  const mount = mountsBelow(lab.directory)[0];
  if (mount !== undefined) {
    throw new Error(
      `deleting "${lab.directory}": "${mount}" is mounted in it. Unmount that, then try again.`,
    );
  }
  rmSync(lab.directory, { recursive: true });
}

/** The lab's own mounts are in namespaces that ended with its processes; a mount seen here is somebody else's. */
function mountsBelow(directory: string): readonly string[] {
  const mountPoints = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  return mountPoints.filter((path) => path.startsWith(`${directory}/`));
}
