import type {Facts} from '../facts/facts.ts';

/**
 * How a host's boot loader is configured: by the drop-ins that Debian's and Ubuntu's grub-mkconfig reads, by grubby, which
 * knows where each release of Red Hat's kind keeps its entries, or by systemd-boot's own programs. Undefined where nobody
 * here knows.
 */
export type BootWay = 'grub-mkconfig' | 'grubby' | 'systemd-boot';

export const bootWay = ({os, boot}: Facts): BootWay | undefined => {
  const family = [os.id, ...os.idLike];
  if (boot.loader === 'systemd-boot') return 'systemd-boot';
  if (boot.loader !== 'grub' && boot.loader !== 'bls') return undefined;
  if (family.some((id) => ['rhel', 'fedora', 'centos', 'amzn'].includes(id))) return 'grubby';
  return family.some((id) => ['debian', 'ubuntu'].includes(id)) ? 'grub-mkconfig' : undefined;
};
