// What is wrong with the values of a preparation, in words that follow the value; undefined when nothing is. Pure.
import type { PrepareOptions } from "../model/prepare.ts";

const address = /^https?:\/\/[^\s"'<>]+[^\s"'<>/]$/;

/** Tells that an address has credentials in it, which would be readable in the state and on the hosts. */
export function credentialsFault(text: string): string | undefined {
  return /^\w+:\/\/[^/?#]*@/.test(text)
    ? "it has a user name or a password in it, which would stand in plain text in the state and on the hosts. Let the server know the hosts by their addresses, keep the login on the hosts (apt: /etc/apt/auth.conf.d), or copy the files by prepare.files."
    : undefined;
}

/** Tells what is wrong with a version. */
export function preparedVersionFault(version: string): string | undefined {
  return /^1\.\d{1,3}(\.\d{1,3})?$/.test(version)
    ? undefined
    : 'not a version of Kubernetes; allowed: such as "1.34.4", or "1.34" for the newest of that minor.';
}

/** Tells what is wrong with the address of a repository or a mirror. */
export function addressOfPackagesFault(text: string): string | undefined {
  return address.test(text) ? undefined : "not an http or https address without a slash at its end.";
}

/** The content that an address must have, as hosts check it after a download. */
const digest = /#sha256=[0-9a-f]{64}$/;

/** Tells what is wrong with a digest behind an address. */
function digestFault(text: string): string | undefined {
  if (!text.includes("#") || digest.test(text)) return undefined;
  return "not an address with a digest behind it: append #sha256= and 64 hexadecimal digits (sha256sum), or nothing.";
}

/** Tells what is wrong with a signing key. */
export function signingKeyFault(key: string): string | undefined {
  if (key.startsWith("https://")) return addressOfPackagesFault(key) ?? digestFault(key);
  return /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n[^"'\\]*\n-----END PGP PUBLIC KEY BLOCK-----\n?$/.test(key)
    ? undefined
    : "not a public key in ASCII armor, nor the https address of one.";
}

/** Tells what is wrong with the path of a folder on the host. */
export function folderOnHostFault(path: string): string | undefined {
  return /^\/[\w./-]*\w$/.test(path) ? undefined : "not an absolute path of letters, digits and ._-/.";
}

/** Tells what is wrong with an image archive. */
export function imageArchiveFault(archive: string): string | undefined {
  if (!address.test(archive) && folderOnHostFault(archive) !== undefined)
    return "neither an absolute path on the host nor an http or https address.";
  if (archive.startsWith("http://") && !archive.includes("#"))
    return "an address without https, where anyone on the way can put other images in the place of these: give an https address, or append what it has to be, #sha256= and 64 hexadecimal digits (sha256sum).";
  return digestFault(archive);
}

/** Tells what is wrong with an image's name. */
export function imageNameFault(name: string): string | undefined {
  return /^[a-z0-9][\w.:/@-]*$/i.test(name)
    ? undefined
    : 'not an image name, such as "registry.k8s.io/pause:3.10.1".';
}

/** Tells what is wrong with a registry's name. */
export function registryFault(registry: string): string | undefined {
  return /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?$/.test(registry)
    ? undefined
    : 'not a registry, such as "docker.io" or "registry.example:5000".';
}

type PackageSource = Partial<Pick<PrepareOptions, "repository" | "signingKey" | "files" | "packageFolder">>;

/** Tells what is wrong with options that are right each by itself. */
export function prepareFault({
  repository,
  signingKey,
  files,
  packageFolder,
}: PackageSource): string | undefined {
  if (packageFolder !== undefined && files !== undefined) {
    return "packageFolder is a folder on the hosts, files is one that is copied to them: declare one or the other.";
  }
  if (packageFolder !== undefined && (repository ?? signingKey) !== undefined) {
    return "packageFolder takes the place of repository and signingKey: declare one or the other.";
  }
  if (repository?.startsWith("http://") === true && signingKey === undefined) {
    return "a repository without https needs its signingKey: a key from the same place would prove nothing.";
  }
  return undefined;
}
