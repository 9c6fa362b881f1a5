// The shape of `prepare`, of a pool. Pure.
import { z } from "zod";
import { cgroupDrivers, type PrepareOptions, selinuxModes } from "../model/prepare.ts";
import { definedOnly, keyedMap, listOf, mapOf, oneOf, type TextRule, text } from "./fields.ts";
import {
  addressOfPackagesFault,
  credentialsFault,
  folderOnHostFault,
  imageArchiveFault,
  imageNameFault,
  preparedVersionFault,
  registryFault,
  signingKeyFault,
} from "./prepare-syntax.ts";
import { show } from "./problem.ts";

/** Puts the value before what is wrong with it; one that has credentials in it is not shown. */
const naming =
  (fault: TextRule): TextRule =>
  (value) => {
    const found = fault(value);
    return credentialsFault(value) ?? (found && `${show(value)} is ${found}`);
  };

const address = text("an http or https address", naming(addressOfPackagesFault));
const archive = text("a path on the host or an http or https address", naming(imageArchiveFault));
const mirrors = listOf(address, "a list of addresses").refine(({ length }) => length > 0, {
  error: "no mirror. Give at least one address, or leave the registry out.",
});

/** Without quotes 1.30 is the number 1.3; no cluster is as old as that version. */
function minorVersion(given: unknown): string {
  return /^1\.\d$/.test(String(given)) ? `${given}0` : String(given);
}

/** Fields of `prepare`; see PrepareOptions for meaning, defaults and change effects. */
export const prepareFields = {
  kubernetes: text('a version of Kubernetes, such as "1.34.4"', naming(preparedVersionFault), minorVersion),
  repository: address.optional(),
  signingKey: text("a public key in ASCII armor, or its address", naming(signingKeyFault)).optional(),
  files: text("a folder on this machine", () => undefined).optional(),
  packageFolder: text("a folder on the host", naming(folderOnHostFault)).optional(),
  sandboxImage: text("an image name", naming(imageNameFault)).optional(),
  cgroupDriver: oneOf("a cgroup driver", cgroupDrivers).optional(),
  registryMirrors: keyedMap("a map of registries to mirrors", naming(registryFault), mirrors).optional(),
  imageArchives: listOf(archive, "a list of image archives").optional(),
  selinux: oneOf("what to do with SELinux", selinuxModes).optional(),
} satisfies Record<keyof PrepareOptions, z.ZodType>;

const optionsSchema = mapOf(prepareFields, "none, or a map of prepare options").transform(definedOnly);

/** Schema of a pool's `prepare`; `none` is the same as no `prepare`. */
export const prepareSchema = z
  .preprocess((given) => (given === "none" ? undefined : given), optionsSchema.optional())
  .meta({ orWord: "none" });
