// Adds hosts to a lab that nobody has prepared for Kubernetes, and the packages to do that with.
import { writeFileSync } from "node:fs";
import { type BareImage, ensureBareImage } from "./hosts/bare-image.ts";
import { ensureDisk } from "./hosts/disk.ts";
import { type Host, hostAt } from "./hosts/host.ts";
import { ownImageFile, switchOn, waitUntilBooted } from "./hosts/power.ts";
import type { Lab } from "./lab-folder.ts";
import { withLab } from "./lab-lock.ts";
import { serveSite } from "./packages/site-server.ts";
import { step } from "./progress.ts";
import { readRecord } from "./record.ts";
import { ensureDebianPackages } from "./toolchain/debian-packages.ts";

/** Boots the lab's hosts with these numbers from a bare image; the lab must be up and must not have them yet. */
export async function addBareHosts(lab: Lab, indexes: readonly number[]): Promise<readonly Host[]> {
  const hosts = indexes.map((index) => hostAt(lab, index));
  await withLab(lab, async () => {
    const { rootfs, site } = await step("bare host image", (note) => getBareImage(lab, note));
    await serveSite(lab, site);
    await step(`bare hosts ${hosts.map(({ name }) => name).join(" ")}`, () =>
      Promise.all(hosts.map((host) => boot(lab, host, rootfs))),
    );
  });
  return hosts;
}

async function getBareImage(lab: Lab, note: (text: string) => void): Promise<BareImage> {
  await ensureDebianPackages(["gnupg"], note);
  const { kubelet, kubeadm } = readRecord(lab).tools;
  return ensureBareImage(lab, { kubelet, kubeadm, busybox: "/bin/busybox" }, note);
}

async function boot(lab: Lab, host: Host, image: string): Promise<void> {
  await ensureDisk(lab, host);
  writeFileSync(ownImageFile(host), image);
  await switchOn(lab, host, image);
  await waitUntilBooted(lab, host);
}
