// The scene of one test file: its stack, its hosts and what they leave behind. Gone with the file's last test.
import { afterAll, beforeAll } from "vitest";
import type { SshdOptions } from "../../support/sshd.ts";
import { type EngineHost, startHost } from "./host.ts";
import { nodes, tokens } from "./nodes.ts";
import { type Pods, startPods } from "./pods.ts";
import type { Site } from "./site.ts";
import { EngineStack } from "./stack.ts";
import { theSite } from "./the-site.ts";

/** One stack and its hosts w1 to wN. */
export interface Scene {
  readonly site: Site;
  readonly stack: EngineStack;
  readonly hosts: readonly EngineHost[];
  readonly pods: Pods;
  /** Returns host wN. */
  host(index: number): EngineHost;
}

/** Sets the scene before all tests of a file and clears it after the last; called at the top of the file. */
export function setScene(stackName: string, hostCount: number, options: SshdOptions = {}): Scene {
  const scene = { host: (index: number) => hostOf(scene, index) } as Scene;
  beforeAll(async () => {
    const site = await theSite();
    const names = Array.from({ length: hostCount }, (_, at) => `w${at + 1}`);
    const [stack, ...hosts] = await Promise.all([
      EngineStack.create(site, stackName),
      ...names.map((name) => startHost(name, site, options)),
    ]);
    Object.assign(scene, { site, stack, hosts, pods: startPods(site) });
  });
  afterAll(async () => {
    const { pods, hosts = [], site } = scene as Partial<Scene>;
    await pods?.[Symbol.asyncDispose]();
    await Promise.all(hosts.map((host) => host.remove()));
    // What a test that failed left behind must not fail those of the next file.
    for (const name of (await nodes()).keys()) await site?.core.deleteNode({ name });
    const namespace = "kube-system";
    for (const name of await tokens()) await site?.core.deleteNamespacedSecret({ namespace, name });
  });
  return scene;
}

function hostOf({ hosts }: Scene, index: number): EngineHost {
  const found = hosts[index - 1];
  if (found === undefined) throw new Error(`there is no host w${index}`);
  return found;
}

/** Lists what a membership leaves on a host; empty on a host as good as new. */
export async function remainsOf(host: EngineHost): Promise<string[]> {
  const script = `for path in /etc/kubernetes/kubelet.conf /etc/kubernetes/pki/ca.crt /var/lib/nodepools/owner /var/lib/nodepools/join \
      /run/nodepools-join.* /run/nodepools-reset.* /run/kubelet-is-active; do test ! -e "$path" || echo "$path"; done
    test ! -d /var/lib/kubelet || find /var/lib/kubelet -mindepth 1`;
  return (await host.run(script)).split("\n").filter((line) => line !== "");
}

/** Lists every file that a join, a reset or a claim would write, with its checksum and time of change. */
export function fingerprintOf(host: EngineHost): Promise<string> {
  const script = `for folder in /etc/kubernetes /etc/rancher /etc/cni /var/lib; do
      test ! -e "$folder" || find "$folder" -printf '%p %m %T@ ' \\( -type f -exec sha256sum {} ';' -o -printf '\\n' \\)
    done
    ls -d /run/nodepools* 2> /dev/null; cat /proc/sys/net/ipv4/ip_forward`;
  return host.run(script);
}
