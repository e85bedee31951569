/**
 * A sysctl key in slash form, as sysctl(8) and sysctl.d(5) read it: the first separator decides, so that
 * `net.ipv4.conf.eth0/5.rp_filter` and `net/ipv4/conf/eth0.5/rp_filter` are the same key.
 */
export const sysctlKey = (text: string): string => {
  const separator = /[./]/.exec(text)?.[0];
  if (separator !== '.') return text;
  return text.replaceAll(/[./]/g, (character) => (character === '.' ? '/' : '.'));
};
