// Refuses, at preview, to prepare hosts for another version of Kubernetes than they could join with.
import type { KubeApi } from "../../kube/api.ts";
import { parseKubernetesMinor } from "../../kubeadm/version.ts";
import type { RosterInputs } from "./state.ts";

/**
 * Returns one text for each pool whose `prepare` installs a minor version other than the API server's on a host that
 * joins now. Says nothing when the cluster cannot be asked: the enrollment itself asks again.
 */
export async function unsuitableVersions(
  connect: () => KubeApi,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<string[]> {
  const former = new Set(olds?.members.map(({ node }) => node));
  const joining = new Set(news.members.filter(({ node }) => !former.has(node)).map(({ pool }) => pool));
  const preparing = news.pools.filter(
    ({ name, kubernetes }) => kubernetes !== undefined && joining.has(name),
  );
  if (preparing.length === 0) return [];
  const serverVersion = await readVersion(connect);
  const minor = parseKubernetesMinor(serverVersion ?? "");
  if (minor === undefined) return [];
  return preparing
    .filter(({ kubernetes = "" }) => parseKubernetesMinor(kubernetes) !== minor)
    .map(
      ({ name, kubernetes }) =>
        `pool "${name}": prepare.kubernetes is ${kubernetes}, the API server ${serverVersion}. kubeadm joins only a cluster of its own minor version: declare "${minor}"`,
    );
}

async function readVersion(connect: () => KubeApi): Promise<string | undefined> {
  try {
    return await connect().readServerVersion();
  } catch {
    return undefined;
  }
}
