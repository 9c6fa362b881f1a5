import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { networkImages } from "../../../lab/pod-network/images.ts";
import { flannelManifests } from "../../../lab/pod-network/manifests.ts";

const programs = {
  "kube-proxy": Buffer.from("kube-proxy"),
  flanneld: Buffer.from("flanneld"),
  flannel: Buffer.from("flannel"),
  coredns: Buffer.from("coredns"),
};
const archive = networkImages(
  { programs, busybox: Buffer.from("busybox"), base: Buffer.from("base") },
  "amd64",
).toString();

it("packs every image that flannel's pods name, for no registry can be reached", () => {
  const objects = parseAllDocuments(flannelManifests({ backend: "vxlan", proxyMode: "iptables" }));
  const images = [...JSON.stringify(objects).matchAll(/"image":"([^"]*)"/g)].map(([, image = ""]) => image);
  expect(new Set(images).size).toBe(2);
  for (const image of images) expect(archive).toContain(`["${image}"]`);
});

it("puts the backend into flannel's own file and changes nothing else", () => {
  const [vxlan, hostGw] = (["vxlan", "host-gw"] as const).map((backend) =>
    flannelManifests({ backend, proxyMode: "iptables" }).split("\n"),
  );
  const changed = hostGw?.filter((line, at) => line !== vxlan?.[at]);
  expect(changed).toEqual(['        "Type": "host-gw"']);
});
