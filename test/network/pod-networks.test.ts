// Hosts that live on the networks that people have: flannel, kube-proxy and CoreDNS as flannel and kubeadm ship them.
import { beforeAll, describe, expect, it } from "vitest";
import { runInLab } from "../../lab/lab.ts";
import { type PodNetworkName, podNetworkNames } from "../../lab/pod-network/pod-network.ts";
import { LabStack } from "../../lab/stack.ts";
import { identityLogin } from "../support/lab-identity.ts";
import { setUpLab } from "../support/lab-set-up.ts";
import { succeeds } from "../support/pulumi-run.ts";
import { apply, eventually, hosts, kubectl, lab, onHost, remainsOf } from "../support/test-lab.ts";
import { byHand } from "./by-hand.ts";
import { kernelStateOf, plantForeignNetworks } from "./kernel-state.ts";

const image = "lab.local/busybox:1";

/** A pod on each node that tells the node's name, behind one Service. */
const web = (() => {
  const labels = { app: "web" };
  const metadata = { name: "web", namespace: "default" };
  const container = {
    name: "web",
    image,
    command: ["sh", "-c", 'echo "$NODE" > /tmp/index.html; exec httpd -f -p 8080 -h /tmp'],
    env: [{ name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
    readinessProbe: { httpGet: { port: 8080, path: "/" }, periodSeconds: 1 },
  };
  const spec = { terminationGracePeriodSeconds: 1, containers: [container] };
  return [
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
})();

interface WebPod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly podIP: string;
    readonly conditions: readonly { type: string; status: string }[];
  };
}

/** Returns the serving pod of each node. */
async function webPods(): Promise<Map<string, WebPod>> {
  const list = JSON.parse(await kubectl("get", "pods", "-l", "app=web", "-o", "json")) as { items: WebPod[] };
  const serving = list.items.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
  );
  return new Map(serving.map((pod) => [pod.spec.nodeName, pod]));
}

/** Runs shell text inside a pod and returns its output; empty when it fails. */
async function within(pod: WebPod, script: string): Promise<string> {
  const run = await runInLab(lab, ["kubectl", "exec", pod.metadata.name, "--", "sh", "-c", script]);
  return run.status === 0 ? run.stdout.trim() : "";
}

/** Asks from inside a pod and returns the last line of the answer, the page; empty when there is none. */
async function ask(from: WebPod, address: string, port: number): Promise<string> {
  const request = "printf 'GET / HTTP/1.0\\r\\n\\r\\n'";
  const answer = await within(from, `${request} | busybox timeout 5 nc -w 3 ${address} ${port}`);
  return answer.split("\n").at(-1) ?? "";
}

/** Looks a name up inside a pod and returns the address; empty when there is none. */
async function lookUp(from: WebPod, name: string): Promise<string> {
  const answer = await within(from, `busybox nslookup -type=a ${name}`);
  return /^Name:.*\nAddress: (\S+)$/m.exec(answer)?.[1] ?? "";
}

/** Expects every pod to reach every other by its address and by the Service's, and to find that by its name. */
async function expectReachable(...nodes: string[]): Promise<void> {
  await eventually(`pods on ${nodes}`, 240, async () => (await webPods()).size === nodes.length);
  const pods = await webPods();
  const clusterIp = await kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}");
  for (const [node, pod] of pods) {
    for (const [other, { status }] of pods) {
      const answers = async () => (await ask(pod, status.podIP, 8080)) === other;
      await eventually(`${node} to reach the pod on ${other}`, 60, answers);
    }
    const found = async () => (await lookUp(pod, "web.default.svc.cluster.local")) === clusterIp;
    await eventually(`${node} to find the Service by its name`, 120, found);
    const missing = new Set(nodes);
    await eventually(`${node} to get answers of every node from the Service`, 60, async () => {
      missing.delete(await ask(pod, clusterIp, 80));
      return missing.size === 0;
    });
  }
}

const podCidr = "jsonpath={.spec.podCIDR}";

function podCidrOf(name: string): Promise<string> {
  return kubectl("get", "node", name, "-o", podCidr);
}

/** What shows on a host that such a network was really there. */
const marks: Readonly<Record<Exclude<PodNetworkName, "bridge">, readonly RegExp[]>> = {
  flannel: [/^link flannel\.1$/, /^-A FORWARD .*FLANNEL-FWD/, /^:KUBE-SVC-/],
  "flannel-host-gw": [/^route 10\.244\.\d+\.0\/24 via 10\.89\.0\.11 dev host0/, /^:KUBE-SVC-/],
  "flannel-nftables": [/^link flannel\.1$/, /^table ip kube-proxy$/],
};

describe.each(podNetworkNames.filter((name) => name !== "bridge"))("%s", (podNetwork) => {
  let stack: LabStack;
  let before: string[];
  let formerCidr: string;

  const scaleTo = async (count: number) => {
    stack.declare([{ name: "workers", count, hosts: hosts(2), limits: { maxRemovals: "100%" } }]);
    await succeeds(stack.up());
  };

  beforeAll(async () => {
    await setUpLab(lab, { hosts: 2, podNetwork });
    // Not by createStack: its plugins stay in the network of the first lab.
    stack = await LabStack.create(lab, "network", identityLogin(lab));
    await plantForeignNetworks("w2");
    before = await kernelStateOf("w2");
    await scaleTo(2);
    await apply(...web);
  });

  it("pods of different hosts reach each other, services and names resolve", async () => {
    await expectReachable("w1", "w2");
    const state = await kernelStateOf("w2");
    for (const mark of marks[podNetwork]) expect(state).toContainEqual(expect.stringMatching(mark));
  });

  it("J-26 a host that leaves keeps nothing of them, and everything of its administrator's", async () => {
    formerCidr = await podCidrOf("w2");
    await scaleTo(1);
    expect(await kernelStateOf("w2")).toEqual(before);
    expect(await remainsOf("w2").then((left) => left.filter((line) => !/:CNI-|podman/.test(line)))).toEqual(
      [],
    );
  });

  it("it joins again with other addresses for its pods, which reach the others", async () => {
    await scaleTo(2);
    expect(await podCidrOf("w2")).not.toBe(formerCidr);
    await expectReachable("w1", "w2");
  });

  it.runIf(podNetwork === "flannel")(
    "J-31 a host that was reset by hand keeps cni0, and its pods do not start; declared, it is cleaned",
    async () => {
      formerCidr = await podCidrOf("w2");
      await byHand("kubectl drain w2 --ignore-daemonsets --timeout=120s && kubectl delete node w2");
      await onHost("w2", "kubeadm reset --force");
      await onHost("w2", await byHand("kubeadm token create --print-join-command"));
      // A kubelet may register its Node after kubeadm has ended.
      await eventually("other addresses for its pods", 60, async () => {
        const { stdout } = await runInLab(lab, ["kubectl", "get", "node", "w2", "-o", podCidr]);
        return !["", formerCidr].includes(stdout);
      });
      // Until flannel has written the new addresses, pods still start with the former ones.
      const subnet = (await podCidrOf("w2")).replace(".0/", ".1/");
      await eventually("flannel to have the new addresses", 60, async () =>
        (await onHost("w2", "cat /run/flannel/subnet.env || true")).includes(subnet),
      );
      await kubectl("delete", "pods", "-l", "app=web", "--field-selector=spec.nodeName=w2");
      await eventually("a pod that does not start", 120, async () =>
        (await kubectl("get", "events", "-o", "jsonpath={.items[*].message}")).includes(
          '"cni0" already has an IP address different from',
        ),
      );
      await byHand("kubectl delete node w2");
      await onHost("w2", "kubeadm reset --force");
      await succeeds(stack.up());
      await expectReachable("w1", "w2");
    },
  );
});
