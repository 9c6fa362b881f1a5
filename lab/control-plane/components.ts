// Lists the command lines of the control plane's processes, with the flags that kubeadm gives them and some that spare
// processor time, since several labs share two cores. Pure.
import { nodeMonitor } from "../clocks.ts";
import { gatewayAddress } from "../network/namespace.ts";
import { podSubnet } from "../pod-network/pod-network.ts";
import { serviceSubnet } from "./kubeadm-configuration.ts";

/** One process of the control plane. */
export type Component = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler";

/** All of them, in the order in which they start. */
export const components = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
] as const satisfies readonly Component[];

/** What the command lines depend on. */
export interface ComponentSettings {
  readonly certificates: string;
  readonly kubeconfigs: string;
  readonly etcdData: string;
  /** Whether each node gets a part of the pods' addresses. */
  readonly allocatesPodAddresses: boolean;
}

const etcdUrl = "http://127.0.0.1:2379";

/** Returns the arguments of a component. */
export function componentArguments(component: Component, settings: ComponentSettings): readonly string[] {
  switch (component) {
    case "etcd":
      return etcdArguments(settings);
    case "kube-apiserver":
      return apiServerArguments(settings.certificates);
    case "kube-controller-manager":
      return controllerManagerArguments(settings);
    case "kube-scheduler":
      return kubeconfigArguments(`${settings.kubeconfigs}/scheduler.conf`);
  }
}

function etcdArguments({ etcdData }: ComponentSettings): readonly string[] {
  return [
    `--data-dir=${etcdData}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    "--listen-peer-urls=http://127.0.0.1:2380",
    "--unsafe-no-fsync",
    // One member has nobody to beat its heart for: an idle etcd wakes up for it twice as often otherwise.
    "--heartbeat-interval=200",
    "--election-timeout=1000",
  ];
}

function apiServerArguments(certificates: string): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    `--advertise-address=${gatewayAddress}`,
    "--secure-port=6443",
    "--allow-privileged=true",
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--enable-bootstrap-token-auth=true",
    `--client-ca-file=${certificates}/ca.crt`,
    `--tls-cert-file=${certificates}/apiserver.crt`,
    `--tls-private-key-file=${certificates}/apiserver.key`,
    `--kubelet-client-certificate=${certificates}/apiserver-kubelet-client.crt`,
    `--kubelet-client-key=${certificates}/apiserver-kubelet-client.key`,
    "--kubelet-preferred-address-types=InternalIP",
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${certificates}/sa.pub`,
    `--service-account-signing-key-file=${certificates}/sa.key`,
    `--service-cluster-ip-range=${serviceSubnet}`,
    `--requestheader-client-ca-file=${certificates}/front-proxy-ca.crt`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-username-headers=X-Remote-User",
    `--proxy-client-cert-file=${certificates}/front-proxy-client.crt`,
    `--proxy-client-key-file=${certificates}/front-proxy-client.key`,
  ];
}

/** They look for work all the time, and nothing in a lab gives them any: no volume of a driver, no autoscaler, no CronJob. */
const idleControllers = [
  "persistentvolume-attach-detach-controller",
  "persistentvolume-binder-controller",
  "persistentvolume-expander-controller",
  "horizontal-pod-autoscaler-controller",
  "cronjob-controller",
  "resourcequota-controller",
  "endpointslice-mirroring-controller",
  "ephemeral-volume-controller",
  "legacy-serviceaccount-token-cleaner-controller",
  "persistentvolume-protection-controller",
  "persistentvolumeclaim-protection-controller",
  "resourceclaim-controller",
  "ttl-controller",
];

function controllerManagerArguments(settings: ComponentSettings): readonly string[] {
  const { certificates, kubeconfigs, allocatesPodAddresses } = settings;
  return [
    ...kubeconfigArguments(`${kubeconfigs}/controller-manager.conf`),
    `--client-ca-file=${certificates}/ca.crt`,
    `--cluster-signing-cert-file=${certificates}/ca.crt`,
    `--cluster-signing-key-file=${certificates}/ca.key`,
    `--root-ca-file=${certificates}/ca.crt`,
    `--service-account-private-key-file=${certificates}/sa.key`,
    "--use-service-account-credentials=true",
    // Without the signer, `kubeadm join` waits for minutes for a signature that never comes.
    `--controllers=*,bootstrapsigner,tokencleaner,${idleControllers.map((name) => `-${name}`).join(",")}`,
    `--node-monitor-grace-period=${nodeMonitor.gracePeriod}`,
    `--node-monitor-period=${nodeMonitor.period}`,
    ...(allocatesPodAddresses ? ["--allocate-node-cidrs=true", `--cluster-cidr=${podSubnet}`] : []),
  ];
}

function kubeconfigArguments(kubeconfig: string): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    "--bind-address=127.0.0.1",
    "--leader-elect=false",
  ];
}
