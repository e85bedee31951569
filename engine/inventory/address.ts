/** A host identifier and the port behind it, if any. */
export type Address = {host: string; port?: number};

const NUMERIC_RANGE = String.raw`\[[0-9]+:[0-9]+(?::[0-9]+)?\]`;
const HEXADECIMAL_RANGE = String.raw`\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`;
const LABEL_RANGE = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;

const BYTE = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMERIC_RANGE})`;
const GROUP = `(?:[0-9a-f]{1,4}|${HEXADECIMAL_RANGE})`;
const WORD = String.raw`[\p{L}\p{N}_]`;
const LABEL = String.raw`(?:${WORD}|${LABEL_RANGE})(?:${WORD}|-|${LABEL_RANGE})*(?<![_\-])`;

const IPV6_FORMS: readonly string[] = [
  `(?:${GROUP}:){7}${GROUP}`,
  `(?:${GROUP}:){1,6}:`,
  ...[1, 2, 3, 4, 5, 6].map((before) => `(?:${GROUP}:){${String(before)}}(?::${GROUP}){1,${String(7 - before)}}`),
  `:(?::${GROUP}){1,6}`,
  `${GROUP}?::`,
];

const BRACKETED_WITH_PORT = /^\[(.+)\]:([0-9]+)$/;
const WITH_PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;
const IPV4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`, 'i');
// Ansible (2.14 to 2.18) anchors none of these forms at the end, so `fe80::1%eth0` and `a::b.example` count as well.
const IPV6 = new RegExp(`^(?:${IPV6_FORMS.join('|')})`, 'i');
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'iu');

/**
 * Splits `name:22`, `[2001:db8::1]:22`, `10.0.0.[1:9]` into host and port as Ansible does; undefined when it is no host
 * identifier. A bare IPv6 address has no port.
 */
export const parseAddress = (text: string): Address | undefined => {
  const bracketed = BRACKETED_WITH_PORT.exec(text);
  const unbracketed = bracketed?.[1] ?? text;
  const plain = WITH_PORT.exec(unbracketed);
  const host = plain?.[1] ?? unbracketed;
  const port = plain?.[2] ?? bracketed?.[2];
  if (![IPV4, IPV6, HOSTNAME].some((form) => form.test(host))) return undefined;
  return {host, ...(port === undefined ? {} : {port: Number(port)})};
};

/** Whether it is an IP address, of either family, rather than a name. */
export const isIpAddress = (text: string): boolean => IPV4.test(text) || IPV6.test(text);
