// Reads the YAML of ConfigMaps in which kubeadm keeps what hosts have to know. Pure.
import { parse } from "yaml";
import { oneLine } from "../model/foreign-text.ts";

/** Parses the text of a ConfigMap; throws with its name where that is no YAML. Warnings of the parser would quote it. */
export function parsePublished(configMap: string, text: string): unknown {
  try {
    return parse(text, { logLevel: "error" });
  } catch (error) {
    throw new Error(
      `reading ConfigMap "${configMap}": it is no YAML that can be read: ${oneLine((error as Error).message)}`,
    );
  }
}
