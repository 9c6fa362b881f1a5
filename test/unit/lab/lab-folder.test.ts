import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openLab } from "../../../lab/lab-folder.ts";

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "lab-folder-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it("names the lab after its folder, which need not exist", () => {
  const lab = openLab("/nowhere/project/.lab");
  expect(lab.id).toBe("a87b1d47");
  expect(lab.name).toBe("nodepools-a87b1d47");
  expect(lab.networkNamespace).toBe("/run/netns/nodepools-a87b1d47");
});

it("gives labs in different folders different names", () => {
  expect(openLab("/nowhere/one/.lab").name).not.toBe(openLab("/nowhere/two/.lab").name);
});

it("gives a folder one name, whichever link leads there, before and after it exists", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "real"));
  symlinkSync(join(folder, "real"), join(folder, "link"));
  const name = openLab(join(folder, "real/.lab")).name;
  expect(openLab(join(folder, "link/.lab")).name).toBe(name);
  mkdirSync(join(folder, "real/.lab"));
  expect(openLab(join(folder, "link/.lab")).name).toBe(name);
});

it("keeps everything but the lock in the folder, at the places that other code relies on", () => {
  const { directory, id, name, networkNamespace, lock, ...places } = openLab("/nowhere/.lab");
  expect(directory).toBe("/nowhere/.lab");
  expect(lock.startsWith("/nowhere")).toBe(false);
  expect([name, networkNamespace].every((text) => text.endsWith(id))).toBe(true);
  expect(places).toEqual({
    record: "/nowhere/.lab/lab.json",
    adminKubeconfig: "/nowhere/.lab/admin.conf",
    sshKey: "/nowhere/.lab/id_ed25519",
    knownHosts: "/nowhere/.lab/known_hosts",
    pulumiState: "/nowhere/.lab/pulumi",
    pulumiHome: "/nowhere/.lab/pulumi-home",
    logs: "/nowhere/.lab/log",
    controlPlane: "/nowhere/.lab/control-plane",
    hosts: "/nowhere/.lab/hosts",
  });
});
