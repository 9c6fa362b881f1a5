// Checks what the machine must offer before anything is made.
import { readFileSync } from "node:fs";
import { type CommandResult, captureCommand } from "./processes/run-command.ts";

/** Throws one sentence when the lab cannot work here. */
export async function checkRequirements(): Promise<void> {
  if (process.platform !== "linux") {
    throw new Error(`starting a lab: this is ${process.platform}. The lab needs Linux.`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error("starting a lab: it mounts and boots hosts, which only root may. Run it with sudo.");
  }
  if (!hasFileSystem("overlay")) {
    const loaded: CommandResult = await captureCommand(["modprobe", "overlay"]);
    if (loaded.status !== 0 || !hasFileSystem("overlay")) {
      throw new Error("starting a lab: the kernel has no overlay file system. Use a kernel with CONFIG_OVERLAY_FS.");
    }
  }
}

function hasFileSystem(name: string): boolean {
  return readFileSync("/proc/filesystems", "utf8").split("\n").some((line) => line.endsWith(`\t${name}`));
}
