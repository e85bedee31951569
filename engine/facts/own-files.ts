import type {SettingId} from '../model/setting.ts';
import type {Frames} from './frames.ts';
import {linesOf, quotedPatterns} from './merged-files.ts';
import {UNPERSISTED_SCRIPT, unpersistedIn} from './unpersisted.ts';

/** Where linerate keeps what shall hold after a reboot: nothing else writes these files. */
export const OWN = {
  /** The name sorts behind Debian's 99-sysctl.conf. */
  sysctls: '/etc/sysctl.d/99-zz-linerate.conf',
  modulesLoad: '/etc/modules-load.d/linerate.conf',
  moduleOptions: '/etc/modprobe.d/zz-linerate.conf',
  limits: '/etc/security/limits.d/99-zz-linerate.conf',
  defaultLimits: '/etc/systemd/system.conf.d/zz-linerate.conf',
  /** Values that the script sets: at boot, when a NIC appears, and after links came up. */
  hold: '/etc/linerate/hold.conf',
  holdScript: '/etc/linerate/hold.sh',
  /** Gives PCI functions to their drivers at boot, as the hold file says. */
  driverScript: '/etc/linerate/driver.sh',
  driverUnit: '/etc/systemd/system/linerate-driver.service',
  hostUnit: '/etc/systemd/system/linerate-host.service',
  nicUnit: '/etc/systemd/system/linerate-nic@.service',
  upUnit: '/etc/systemd/system/linerate-up.service',
  upPath: '/etc/systemd/system/linerate-up.path',
  udevRules: '/etc/udev/rules.d/99-linerate.rules',
  ifupdownHook: '/etc/network/if-up.d/linerate',
  networkManagerHook: '/etc/NetworkManager/dispatcher.d/90-linerate',
  irqbalance: '/etc/linerate/irqbalance',
  /** Sorts before the drop-in below /run of a change that has not been made lasting yet. */
  irqbalanceDropIn: '/etc/systemd/system/irqbalance.service.d/linerate-boot.conf',
  grub: '/etc/default/grub.d/zz-linerate.cfg',
  /** Which kernel GRUB starts. */
  kernel: '/etc/default/grub.d/zz-linerate-kernel.cfg',
} as const;

const PATHS: readonly string[] = Object.values(OWN);

/** A mount unit of /etc/systemd/system, whoever wrote it. */
export type MountUnit = {path: string; what: string; where: string; type: string; options: string};

/** What of linerate's own lies on the host. */
export type OwnFiles = {
  /** Whole texts by path, each with a newline at its end. */
  texts: Readonly<Record<string, string>>;
  /** Units that are started at boot: linerate's, and mount units. */
  enabled: readonly string[];
  mounts: readonly MountUnit[];
  /** Settings that a run was to make last and did not; absent where there are none, as after any reboot. */
  unpersisted?: readonly SettingId[];
};

const WANTED = ['linerate-*', '*.mount'].map((name) => `/etc/systemd/system/*.wants/${name}`);

// Other facts read some lines of the same files: the whole texts go by names of their own.
const BELOW = '/own';

/** Reads linerate's own files whole, and what mount units mount where. */
export const OWN_FILES_SCRIPT = `for p in ${PATHS.join(' ')}; do
  inside "$p"
  [ -r "$R$at" ] && [ -f "$R$at" ] || continue
  printf '%s cat ${BELOW}%s\\n' "$T" "$p"
  cat "$R$at"
  printf '\\n'
done
e own-enabled ${quotedPatterns(WANTED)}
w '^[[:space:]]*(What|Where|Type|Options)[[:space:]]*=' '/etc/systemd/system/*.mount'
${UNPERSISTED_SCRIPT}`;

const MOUNT_UNIT = /^\/etc\/systemd\/system\/[^/]+\.mount$/;

const mountsOf = (frames: Frames): readonly MountUnit[] =>
  [...frames.files.keys()]
    .filter((path) => MOUNT_UNIT.test(path))
    .sort()
    .map((path) => {
      const lines = linesOf(frames, path).map(({text}) => text);
      const value = (key: string): string =>
        lines.findLast((line) => new RegExp(`^\\s*${key}\\s*=`).test(line))?.replace(/^[^=]*=\s*/, '') ?? '';
      const [what, where, type, options] = [value('What'), value('Where'), value('Type'), value('Options')];
      return {path, what: what.trim(), where: where.trim(), type: type.trim(), options: options.trim()};
    });

/** What of linerate's own the probe found; undefined where there is nothing. */
export const ownFiles = (frames: Frames): OwnFiles | undefined => {
  const texts = Object.fromEntries(
    PATHS.flatMap((path) => {
      const text = frames.files.get(BELOW + path);
      return text === undefined ? [] : [[path, `${text.replace(/\n+$/, '')}\n`]];
    }),
  );
  const enabled = (frames.lists.get('own-enabled') ?? []).map((path) => path.slice(path.lastIndexOf('/') + 1));
  const mounts = mountsOf(frames);
  const unpersisted = unpersistedIn(frames);
  if ([Object.keys(texts), enabled, mounts, unpersisted].every(({length}) => length === 0)) return undefined;
  return {texts, enabled: [...new Set(enabled)].sort(), mounts, ...(unpersisted.length > 0 && {unpersisted})};
};

/** Whether a path is one of linerate's own files, which are no rivals of a plan. */
export const isOwnFile = (path: string): boolean => PATHS.includes(path);
