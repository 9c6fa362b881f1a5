// Checks what the machine must offer before anything is made.
import { existsSync, readFileSync } from "node:fs";
import { captureCommand } from "./processes/run-command.ts";

/** Throws one sentence unless this process is root's. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new Error("working with a lab: only root may boot hosts and enter their network. Run this as root.");
}

/** Throws one sentence when the kernel lacks what every lab needs. */
export async function requireKernelFeatures(): Promise<void> {
  if (process.platform !== "linux") {
    throw new Error(`starting a lab: it needs Linux, this is ${process.platform}. Use a Linux machine.`);
  }
  if (!existsSync("/proc/self/ns/net")) {
    throw new Error("starting a lab: the kernel has no network namespaces. Use one with CONFIG_NET_NS.");
  }
  // The kernel lists a file system that is a module only once it is loaded.
  if (!knowsOverlay()) await captureCommand(["modprobe", "overlay"]);
  if (!knowsOverlay()) {
    throw new Error("starting a lab: the kernel has no overlay file system. Use one with CONFIG_OVERLAY_FS.");
  }
}

function knowsOverlay(): boolean {
  return readFileSync("/proc/filesystems", "utf8").split("\n").includes("nodev\toverlay");
}
