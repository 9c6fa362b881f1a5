import { expect, it } from "vitest";
import { sshKeepaliveSeconds } from "../../../../lab/clocks.ts";
import { hostAt } from "../../../../lab/hosts/host.ts";
import { sshCommand } from "../../../../lab/hosts/ssh.ts";
import { openLab } from "../../../../lab/lab-folder.ts";

const lab = openLab("/nowhere/.lab");

it("reaches the host inside the lab's network and believes only the lab's host keys", () => {
  const argv = sshCommand(lab, hostAt(lab, 2), ["uptime"]);
  expect(argv.slice(0, 7)).toEqual([
    "nsenter",
    `--net=${lab.networkNamespace}`,
    "--",
    "ssh",
    "-F",
    "none",
    "-i",
  ]);
  expect(argv).toContain("StrictHostKeyChecking=yes");
  expect(argv).toContain("UserKnownHostsFile=/nowhere/.lab/known_hosts");
  expect(argv).toContain(`ServerAliveInterval=${sshKeepaliveSeconds}`);
  expect(argv.slice(-2)).toEqual(["root@10.89.0.12", "uptime"]);
});
