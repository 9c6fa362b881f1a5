// Finds or builds the root file system that all hosts of a lab share, in the user's cache.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import type { Lab } from "../lab-folder.ts";
import { launch } from "../processes/launch.ts";
import { killUnit } from "../processes/units.ts";
import { withLock } from "../toolchain/lock.ts";
import { containerImages } from "./container-images.ts";

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

const buildScript = join(import.meta.dirname, "build-image.sh");
const imageFiles = join(import.meta.dirname, "image");
const imageCode = ["container-images.ts", "ustar.ts", "build-image.sh"];
const buildUnit = "host-image";

/** Returns the folder of the root file system; builds it when anything that goes into it is new. */
export async function ensureHostImage(lab: Lab, tools: ImageTools, note: Note): Promise<string> {
  const image = join(cacheFolder("images"), imageKey(tools));
  if (!existsSync(image)) {
    await withLock(join(cacheFolder("images"), "lock"), note, async () => {
      // Somebody else may have built it meanwhile.
      if (existsSync(image)) return;
      await removeUnfinishedImage(lab);
      await buildImage(lab, tools, note);
      renameSync(buildFolder(lab), image);
    });
  }
  return join(image, "rootfs");
}

/** Ends the lab's build, if one goes on that its caller did not live to see, and deletes what it made. */
export async function removeUnfinishedImage(lab: Lab): Promise<void> {
  await killUnit(lab, buildUnit);
  rmSync(buildFolder(lab), { recursive: true, force: true });
}

function buildFolder(lab: Lab): string {
  return join(cacheFolder("images"), `building-${lab.id}`);
}

async function buildImage(lab: Lab, tools: ImageTools, note: Note): Promise<void> {
  const containerImageFolder = join(buildFolder(lab), "container-images");
  mkdirSync(containerImageFolder, { recursive: true });
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  for (const { fileName, archive } of containerImages(readFileSync(tools.busybox), architecture)) {
    writeFileSync(join(containerImageFolder, fileName), archive);
  }
  note("installing Debian packages into it");
  const log = join(lab.logs, "host-image.log");
  const build = await launch(lab, {
    unit: buildUnit,
    // In a mount namespace of its own, a build that is killed leaves no mount behind.
    argv: ["unshare", "--mount", "--propagation", "slave", "/bin/sh", buildScript],
    log,
    env: {
      ROOTFS: join(buildFolder(lab), "rootfs"),
      PACKAGES: packages.join(","),
      KUBELET: tools.kubelet,
      KUBEADM: tools.kubeadm,
      IMAGES: containerImageFolder,
    },
  });
  build.ref();
  const status = await new Promise((done) => build.once("close", done));
  await killUnit(lab, buildUnit);
  if (status !== 0) {
    throw new Error(
      `building the host image: exit status ${status}: ${lastLine(log)}. The whole story is in ${log}.`,
    );
  }
}

/** Stands for everything that goes into an image: equal keys, equal images. */
function imageKey(tools: ImageTools): string {
  const hash = createHash("sha256").update(packages.join());
  for (const name of imageCode) hash.update(readFileSync(join(import.meta.dirname, name)));
  for (const entry of readdirSync(imageFiles, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    hash.update(path.slice(imageFiles.length));
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  for (const path of Object.values(tools)) hash.update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}

function lastLine(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "";
}
