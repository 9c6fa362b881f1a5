// The RHEL family with its own tools: dnf, rpm and repositories that are signed, in a sandbox.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PrepareOptions } from "../../../components/model/prepare.ts";
import { onMachine, prepare, rocky } from "./prepare-host.ts";
import { makeRpmSite, type RpmSite, rpmHost } from "./rpm-site.ts";

let site: RpmSite;
let host: string;

beforeAll(() => {
  site = makeRpmSite();
  host = `${rocky}${rpmHost(site)}`;
});

afterAll(() => site.remove());

const prepared = (options: Partial<PrepareOptions> = {}) =>
  prepare({ repository: site.kubernetes, signingKey: site.key, ...options });

const versions = "rpm -q kubelet kubeadm\n";

it("J-02 installs signed packages past a module that hides their names, and holds them", () => {
  const { stdout, stderr } = onMachine(
    `${host}${prepared()}echo ====; ${prepared()}echo ====; dnf -q -y upgrade; ${versions}`,
  );
  const [first = "", second, third] = stdout.split("====\n");
  expect(stderr).toBe("");
  expect(first).toMatch(
    /^changed: installed ca-certificates 2024\.2-1, chrony 4\.5-1, containerd\.io 1\.7\.28-1, cri-tools 1\.34\.0-150500\.1\.1, /m,
  );
  expect(first).toMatch(/prepared: \d+ changes\nstatus=0\n$/);
  expect(second).toBe("nothing changed\nstatus=0\n");
  expect(third).toBe("kubelet-1.34.4-150500.1.1.noarch\nkubeadm-1.34.4-150500.1.1.noarch\n");
});

it("J-02 is told of packages that are signed by another key, and installs with the right one past an administrator's lock and exclusion", () => {
  const wrong = prepared({ signingKey: site.otherKey });
  const own = `[kubernetes]\\nname=own\\nbaseurl=${site.kubernetes}/rpm/\\ngpgkey=file:///etc/pki/own.asc\\nmodule_hotfixes=1\\n`;
  const { stdout, stderr } = onMachine(
    `${host}${wrong}${versions}echo ====
rm /etc/yum.repos.d/nodepools-*; mkdir -p /etc/pki; printf '%s' '${site.key}' > /etc/pki/own.asc; printf '${own}' > /etc/yum.repos.d/own.repo
echo 'excludepkgs=kubelet kubeadm' >> /etc/dnf/dnf.conf; dnf -q versionlock add --raw 'kubelet-0:1.33.*'
${prepared()}${versions}dnf -q versionlock list; ls /etc/yum.repos.d`,
  );
  const [first, second = ""] = stdout.split("====\n");
  expect(stderr).toMatch(/^this host could not be prepared:\n- installing Kubernetes packages: .*GPG/);
  expect(first).toMatch(/status=1\npackage kubelet is not installed\npackage kubeadm is not installed\n$/);
  expect(second).toContain("changed: took kubelet and kubeadm out of versionlock");
  expect(second).toMatch(/prepared: \d+ changes\nstatus=0\nkubelet-1\.34\.4-150500\.1\.1\.noarch\n/);
});
