// What a label's key and value may look like. Pure.
// Source: k8s.io/apimachinery/pkg/util/validation (IsQualifiedName, IsValidLabelValue, IsDNS1123Subdomain).

const name = /^(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const prefix = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Says in words what isLabelKey accepts. */
export const labelKeyRule =
  'a name of 1 to 63 letters, digits, "-", "_" and ".", a letter or digit at both ends, after an optional DNS name and "/", as in example.com/tier';

/** Says in words what isLabelValue accepts. */
export const labelValueRule =
  'at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends, or nothing';

/** Tells whether a text can be the key of a label, an annotation or a taint. */
export function isLabelKey(text: string): boolean {
  const slash = text.lastIndexOf("/");
  return name.test(text.slice(slash + 1)) && (slash === -1 || prefix.test(text.slice(0, slash)));
}

/** Tells whether a text can be the value of a label or a taint. */
export function isLabelValue(text: string): boolean {
  return text === "" || name.test(text);
}
