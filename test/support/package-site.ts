// What a preparation declares on the lab, whose site serves every package and image.
import { expect } from "vitest";
import type { PrepareOptions } from "../../components/model/prepare.ts";
import { runInLab } from "../../lab/lab.ts";
import { packagedVersion, repositoryPath } from "../../lab/packages/kubernetes-repository.ts";
import { siteAddress } from "../../lab/packages/site-server.ts";
import { lab } from "./test-lab.ts";

/** Returns options with what the lab's site offers, once bare hosts are there; the lab's kubelets use cgroupfs. */
export async function preparedFromSite(): Promise<PrepareOptions> {
  const repository = `${siteAddress}/${repositoryPath}`;
  const key = await runInLab(lab, ["busybox", "wget", "-q", "-O", "-", `${repository}/deb/Release.key`]);
  expect(key.status, `reading the site's key: ${key.stderr}`).toBe(0);
  return {
    kubernetes: packagedVersion,
    repository,
    signingKey: key.stdout,
    cgroupDriver: "cgroupfs",
    sandboxImage: "registry.k8s.io/pause:3.10",
    registryMirrors: { "docker.io": [`${siteAddress}/registry`] },
    imageArchives: await Promise.all(
      ["pause", "busybox"].map((name) => pinned(`${siteAddress}/images/${name}.tar`)),
    ),
  };
}

/** The site has no https: what it serves is declared with its digest. */
async function pinned(address: string): Promise<string> {
  const { stdout } = await runInLab(lab, ["sh", "-c", `busybox wget -q -O - ${address} | sha256sum`]);
  return `${address}#sha256=${stdout.slice(0, 64)}`;
}
