// Finds or builds the root file system that all hosts of a lab share, in the user's cache.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Lab } from "../lab-folder.ts";
import { launch } from "../processes/launch.ts";
import { killUnit } from "../processes/units.ts";
import { withLock } from "../standin.ts";
import { containerImages } from "./container-images.ts";

/** Executables that go into the image, as paths on this machine. */
export interface ImageTools {
  readonly kubelet: string;
  readonly kubeadm: string;
  /** Must be linked statically: it runs in images that hold nothing else. */
  readonly busybox: string;
}

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
export async function ensureHostImage(lab: Lab, tools: ImageTools, note: (text: string) => void): Promise<string> {
  const images = join(cacheDirectory(), "images");
  const image = join(images, imageKey(tools));
  const rootfs = join(image, "rootfs");
  if (existsSync(image)) return rootfs;
  mkdirSync(images, { recursive: true });
  await withLock(join(images, "lock"), note, async () => {
    if (existsSync(image)) return;
    // Under the lock, what is half made was left behind by a build that did not live to its end.
    for (const name of readdirSync(images)) {
      if (name.startsWith("building-")) rmSync(join(images, name), { recursive: true, force: true });
    }
    const building = join(images, `building-${imageKey(tools)}`);
    await buildImage(lab, tools, building, note);
    renameSync(building, image);
  });
  return rootfs;
}

async function buildImage(lab: Lab, tools: ImageTools, directory: string, note: (text: string) => void): Promise<void> {
  const containerImageFolder = join(directory, "container-images");
  mkdirSync(containerImageFolder, { recursive: true });
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  for (const { fileName, archive } of containerImages(readFileSync(tools.busybox), architecture)) {
    writeFileSync(join(containerImageFolder, fileName), archive);
  }
  note("installing Debian packages into it");
  const log = join(lab.directory, "log", "host-image.log");
  const build = await launch(lab, {
    unit: buildUnit,
    argv: ["/bin/sh", buildScript],
    log,
    env: {
      ROOTFS: join(directory, "rootfs"),
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
  for (const path of [tools.kubelet, tools.kubeadm, tools.busybox]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}`);
  }
  return hash.digest("hex").slice(0, 16);
}

function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "nodepools");
}

function lastLine(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "";
}
