// What a changed configuration of a provider means for its objects: DiffConfig in provider/pkg/provider/provider.go of
// pulumi/pulumi-kubernetes. Reads the kubeconfigs that paths name.
import { isDeepStrictEqual } from "node:util";
import { loadKubeconfig } from "../../../components/kube/kubeconfig.ts";
import type { Change } from "../difference.ts";
import { type Properties, reveal, UNKNOWN } from "../properties.ts";
import { textAt } from "./objects.ts";

const WHERE = ["kubeconfig", "context", "cluster"];

/** Compares two configurations; another cluster replaces all objects, unless clusterIdentifier tells clusters apart. */
export function changedProvider(old: Properties, now: Properties): Change[] {
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  const changed = [...names].filter(
    (name) => !isDeepStrictEqual(reveal(old[name] ?? null), reveal(now[name] ?? null)),
  );
  const replaces = replacing(old, now);
  return changed.map((path) => ({ path, kind: "update", replaces: replaces.includes(path) }));
}

function replacing(old: Properties, now: Properties): readonly string[] {
  const [before, after] = [textAt(old, "clusterIdentifier"), textAt(now, "clusterIdentifier")];
  if (before !== "" && after !== "") return before === after ? [] : ["clusterIdentifier"];
  if (WHERE.some((name) => textAt(now, name) === UNKNOWN)) return WHERE;
  return isDeepStrictEqual(serverOf(old), serverOf(now)) ? [] : WHERE;
}

function serverOf(configuration: Properties): unknown {
  const kubeconfig = textAt(configuration, "kubeconfig");
  if (kubeconfig === "") return undefined;
  const context = textAt(configuration, "context") || undefined;
  return loadKubeconfig(kubeconfig, context).cluster;
}
