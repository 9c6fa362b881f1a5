// Inventories of kubespray, in both forms of Ansible.
import { describe, expect, it } from "vitest";
import { expandHosts } from "../../../components/import/ansible-inventory.ts";
import { findInventoryWorkers } from "../../../components/import/kubespray.ts";
import { readAnsibleInventory } from "../../../components/import/read-ansible.ts";

const read = (file: string, text: string) => findInventoryWorkers(readAnsibleInventory(file, text));

const ini = `# kubespray
[all]
m1 ansible_host=192.0.2.1 ip=10.0.0.1 etcd_member_name=etcd1
w[1:2] ansible_user=ops   # both
W3 ansible_host=192.0.2.13 ansible_port=2222 node_labels="{'disk': 'ssd'}" ansible_become_pass='hunter 2'

[kube_control_plane]
m1
[etcd:children]
kube_control_plane
[kube_node]
m1
w1
[kube_node:children]
gpu
[gpu]
w2
W3
[gpu:vars]
node_taints=["gpu=yes:NoSchedule", "odd"]
ansible_user = gpu-ops
[k8s_cluster:children]
kube_control_plane
kube_node
[all:vars]
ansible_user=root
ansible_ssh_private_key_file=~/.ssh/site
ansible_host={{ lookup('env', 'HOST') }}
`;

const yaml = `all:
  vars: { ansible_user: root, ansible_ssh_private_key_file: ~/.ssh/site, ansible_host: "{{ x }}" }
  hosts:
    m1: { ansible_host: 192.0.2.1 }
    w[1:2]: { ansible_user: ops }
    W3:
      ansible_host: 192.0.2.13
      ansible_port: 2222
      node_labels: { disk: ssd }
      ansible_become_pass: !vault |
        $ANSIBLE_VAULT;1.1;AES256
        6162
  children:
    kube_control_plane: { hosts: { m1: } }
    kube_node:
      hosts: { m1: , w1: }
      children:
        gpu:
          hosts: { w2: , W3: }
          vars: { node_taints: ["gpu=yes:NoSchedule", odd], ansible_user: gpu-ops }
    k8s_cluster: { children: { kube_control_plane: , kube_node: } }
`;

describe.each([
  ["hosts.ini", ini],
  ["hosts.yaml", yaml],
])("an inventory of kubespray in %s", (file, text) => {
  it("gives the workers, their logins, labels and taints, and a pool for each group below kube_node", () => {
    const key = { privateKeyFile: "~/.ssh/site" };
    const gpu = { pool: "gpu", taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] };
    expect(read(file, text).nodes).toEqual([
      { name: "w1", address: "w1", user: "ops", ...key, labels: {}, taints: [], cordoned: false },
      { name: "w2", address: "w2", user: "ops", ...key, labels: {}, cordoned: false, ...gpu },
      {
        ...{ name: "w3", address: "192.0.2.13", user: "gpu-ops", port: 2222, ...key },
        ...{ labels: { disk: "ssd" }, cordoned: false, ...gpu },
      },
    ]);
  });

  it("says what it leaves out and what it does not evaluate", () => {
    expect(read(file, text).notes).toEqual([
      "m1 is left out: it is a node of the control plane",
      "w1: ansible_host is a template, which is not evaluated",
      "w2: ansible_host is a template, which is not evaluated",
    ]);
  });
});

it("knows the groups' former names, and each address that kubespray takes", () => {
  const text = "[kube-node]\na ip=10.0.0.1\nb access_ip=10.0.0.2 ip=10.0.0.3\nc:2200\n[kube-master]\na\n";
  expect(read("hosts", text).nodes.map(({ name, address, port }) => [name, address, port])).toEqual([
    ["b", "10.0.0.2", undefined],
    ["c", "c", 2200],
  ]);
});

it.each([
  ["node[08:10].example", ["node08.example", "node09.example", "node10.example"]],
  ["r[a:b]-[1:3:2]", ["ra-1", "ra-3", "rb-1", "rb-3"]],
  ["fe80::1", ["fe80::1"]],
])("writes out the range %s", (pattern, names) => {
  expect(expandHosts(pattern)).toEqual(names);
});

it.each([
  [
    "hosts.ini",
    "[web]\na\n",
    "the inventory has no group kube_node, which holds kubespray's nodes. It has: web.",
  ],
  ["hosts.ini", "[kube_node]\na b c\n", "line 2 has words that are no variables"],
  ["hosts.ini", "[kube_node:vars]\nnothing\n", "line 2 is no variable"],
  ["hosts.ini", "[kube_node:what]\na\n", "line 2 is in a section of kind what"],
  ["hosts.ini", "[kube_node]\na[1:99999999]\n", 'the range "a[1:99999999]" is none'],
  ["hosts.yaml", "a: [", "line 1 is not YAML"],
  ["hosts.yaml", "- a\n", "it holds no groups"],
])("refuses %s with %j in one sentence", (file, text, message) => {
  expect(() => read(file, text)).toThrow(message);
});

it("ends with groups that hold each other", () => {
  const text = "[kube_node:children]\na\n[a:children]\nb\n[b:children]\na\n[b]\nw1\n";
  expect(read("hosts.ini", text).nodes.map(({ name, pool }) => [name, pool])).toEqual([["w1", "a"]]);
});
