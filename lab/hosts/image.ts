// The root file system that all prepared hosts of a lab share.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab-folder.ts";
import { containerImages } from "./container-images.ts";
import { ensureImageFolder, type ImageRecipe } from "./image-folder.ts";

export { removeUnfinishedImage } from "./image-folder.ts";

/** Executables that go into the image, as paths on this machine. */
export interface ImageTools {
  readonly kubelet: string;
  readonly kubeadm: string;
  /** Must be linked statically: it runs in images that hold nothing else. */
  readonly busybox: string;
}

type Note = (text: string) => void;

const packages = [
  ...["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "ca-certificates"],
  ...["containerd", "runc", "containernetworking-plugins"],
  ...["iptables", "ipset", "ipvsadm", "conntrack", "ethtool", "socat", "iproute2", "kmod", "procps"],
];

const here = import.meta.dirname;
const ingredients = ["image", "container-images.ts", "ustar.ts"];

/** Returns the folder of the root file system; builds it when anything that goes into it is new. */
export async function ensureHostImage(lab: Lab, tools: ImageTools, note: Note): Promise<string> {
  return join(await ensureImageFolder(lab, recipe(tools), note), "rootfs");
}

function recipe(tools: ImageTools): ImageRecipe {
  return {
    texts: packages,
    paths: [...ingredients.map((name) => join(here, name)), ...Object.values(tools)],
    script: join(here, "build-image.sh"),
    prepare: (folder) => ({
      PACKAGES: packages.join(","),
      KUBELET: tools.kubelet,
      KUBEADM: tools.kubeadm,
      IMAGES: writeContainerImages(join(folder, "container-images"), tools.busybox),
    }),
  };
}

/** Writes the archives of the images that the lab's pods run, and returns their folder. */
export function writeContainerImages(folder: string, busybox: string): string {
  mkdirSync(folder, { recursive: true });
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  for (const { fileName, archive } of containerImages(readFileSync(busybox), architecture)) {
    writeFileSync(join(folder, fileName), archive);
  }
  return folder;
}
