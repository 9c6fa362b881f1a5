// Whose certificate a PKCS #10 request asks for. Pure.

/** DER of the attribute type CN (2.5.4.3); its value follows as tag, length and text. */
const commonName = Buffer.from([0x06, 0x03, 0x55, 0x04, 0x03]);

/**
 * Returns every common name in a request, wherever in it: the one of the subject is always among them, since the API
 * server takes DER only. Empty for what is no request.
 */
export function commonNamesIn(pem: string): string[] {
  const [, body = ""] = /-----BEGIN [A-Z ]*CERTIFICATE REQUEST-----([^-]*)-----END/.exec(pem) ?? [];
  const der = Buffer.from(body, "base64");
  const names: string[] = [];
  for (let at = der.indexOf(commonName); at >= 0; at = der.indexOf(commonName, at + 1)) {
    const value = at + commonName.length;
    // A Node's name with its prefix has at most 265 characters: the length may take three bytes.
    const first = der[value + 1] ?? 0;
    const bytes = first < 0x80 ? 0 : first & 0x7f;
    const length =
      bytes === 0
        ? first
        : der.subarray(value + 2, value + 2 + Math.min(bytes, 3)).reduce((sum, byte) => sum * 256 + byte, 0);
    names.push(der.subarray(value + 2 + bytes, value + 2 + bytes + length).toString("utf8"));
  }
  return names;
}
