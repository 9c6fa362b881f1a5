// Joins that the cluster hinders: a closed cluster-info, a network plugin that does not come up; and an end by hand.
import { beforeAll, describe, expect, it } from "vitest";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";
import { lifeOf } from "../support/node-lives.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  host,
  kubectl,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";

const image = "registry.invalid/network:1";
const pluginFile = "cni/net.d/10-lab.conflist";

/** A network plugin that comes as a pod, as most do; the lab's own is there when the kubelet starts. */
const plugin = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "network", namespace: "kube-system" },
  spec: {
    selector: { matchLabels: { app: "network" } },
    template: {
      metadata: { labels: { app: "network" } },
      spec: {
        hostNetwork: true,
        nodeSelector: { "kubernetes.io/hostname": "w2" },
        tolerations: [{ operator: "Exists" }],
        volumes: [{ name: "etc", hostPath: { path: "/etc" } }],
        containers: [
          {
            name: "network",
            image,
            command: [
              "sh",
              "-c",
              `cat /host/nodepools-lab/network-plugin.json > /host/${pluginFile}; sleep 1d`,
            ],
            volumeMounts: [{ name: "etc", mountPath: "/host" }],
          },
        ],
      },
    },
  },
};

const withoutPlugin = `
  mkdir -p /etc/cni/net.d; rm -f /etc/${pluginFile}; systemctl restart containerd
  printf '[Service]\\nExecStartPre=\\n' > /etc/systemd/system/kubelet.service.d/30-no-plugin.conf
  systemctl daemon-reload`;

const withPlugin = `
  rm -f /etc/systemd/system/kubelet.service.d/30-no-plugin.conf; systemctl daemon-reload
  ctr -n k8s.io images rm ${image}`;

const clusterInfo = ["rolebinding", "kubeadm:bootstrap-signer-clusterinfo", "--namespace", "kube-public"];

describe("a join that the cluster hinders", () => {
  let stack: LabStack;
  let joining: PulumiRun;
  const labels = { "example.com/tier": "general" };

  beforeAll(async () => {
    stack = await createStack("hindered");
    stack.declare([
      { name: "workers", hosts: [host(1), host(3)] },
      { name: "late", labels, readyTimeoutSeconds: 20, hosts: [host(2)] },
    ]);
    const open = await kubectl("get", ...clusterInfo, "-o", "yaml");
    await kubectl("delete", ...clusterInfo);
    await onHost("w2", withoutPlugin);
    await apply(plugin);
    joining = await fails(stack.up());
    await apply(open);
  });

  it("J-14a by a cluster-info that is closed to anonymous requests is not hindered at all", async () => {
    expect(await readyNodes()).toEqual(["w1", "w3"]);
  });

  it("J-16 by a network plugin that cannot be pulled fails with pod, reason and condition; mended, it ends without a second join", async () => {
    expect(joining.text).toMatch(
      /node "w2" to be Ready: not after 20 s; Ready is False \(.*cni plugin not initialized/,
    );
    expect(joining.text).toMatch(
      /pod kube-system\/network-\w+: (ErrImagePull|ImagePullBackOff) \(.*registry\.invalid\/network:1/,
    );
    const before = await lifeOf("w2");

    await onHost("w2", `ctr -n k8s.io images tag lab.local/busybox:1 ${image}`);
    await kubectl("delete", "pod", "--namespace", "kube-system", "--selector", "app=network");
    await succeeds(stack.up());
    expect(await lifeOf("w2")).toEqual(before);
    expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
    expect((await nodes()).get("w2")?.metadata.labels).toMatchObject(labels);
  });

  it("J-31 leave although the Node, the host or both were reset by hand", async () => {
    await kubectl("delete", "daemonset", "network", "-n", "kube-system");
    await onHost("w2", withPlugin);
    const reset = "kubeadm reset --force";
    await kubectl("delete", "node", "w1");
    await onHost("w2", reset);
    await onHost("w3", reset);
    await kubectl("delete", "node", "w3");
    await succeeds(stack.destroy());
    expect([...(await nodes()).keys()]).toEqual([]);
    for (const name of ["w1", "w2", "w3"]) expect(await remainsOf(name)).toEqual([]);
  });
});
