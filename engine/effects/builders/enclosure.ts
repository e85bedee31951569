import {shellJoin, shellQuote} from '../../model/shell.ts';

/** A folder or file that a stage finds at a path of its own. */
export type Bind = {from: string; to: string; write: boolean};

/** The root that a stage runs in: the top folders of `base`, read-only, and what is bound into it. */
export type Enclosure = {
  /** `/`, or the folder of a chroot. */
  base: string;
  /** An empty folder that the root is mounted on. */
  root: string;
  binds: readonly Bind[];
  /** What `/tmp` and `/var/tmp` are. */
  temporary: string;
  environment: Readonly<Record<string, string>>;
};

/** Fixed for all builds, so that no path of this machine gets into an output. */
export const INSIDE = '/linerate';

/** What a build has no business with, or gets a fresh one of. */
const HIDDEN = ['boot', 'dev', 'home', 'lost+found', 'media', 'mnt', 'proc', 'root', 'run', 'srv', 'sys', 'tmp'];

const BIND = String.raw`
bind() {
  if [ -d "$1" ]; then mkdir -p "$R$2"; else mkdir -p "$R${'$'}{2%/*}" && : >"$R$2"; fi
  mount -n --bind "$1" "$R$2"
  [ "$3" = rw ] || mount -n -o remount,bind,ro "$R$2"
}`;

/**
 * The sh text that makes a root for a stage and becomes `words` in it. It is run in a mount namespace, and a namespace of
 * processes, of its own: all of this goes with it.
 */
export const enterText = (enclosure: Enclosure, words: readonly string[]): string => String.raw`
set -eu
exec 2>&1
umask 022
R=${shellQuote(enclosure.root)}
mount -n -t tmpfs -o mode=755 linerate "$R"
# Else the copy of a folder that holds it would hold all of this once more.
mount -n --make-unbindable "$R"
for entry in ${shellQuote(enclosure.base.replace(/\/$/, ''))}/*; do
  name=${'$'}{entry##*/}
  case " ${[...HIDDEN, INSIDE.slice(1)].join(' ')} " in *" $name "*) continue ;; esac
  if [ -h "$entry" ]; then cp -P "$entry" "$R/$name"
  elif [ -d "$entry" ]; then mkdir "$R/$name" && mount -n --rbind "$entry" "$R/$name"; fi
done
# What cannot be made read-only (a mount that is locked for this user) is no folder of the machine's own programs.
while read -r _ _ _ _ point _; do
  case $point in "$R"/*) mount -n -o remount,bind,ro "$point" 2>/dev/null || : ;; esac
done </proc/self/mountinfo
for name in ${HIDDEN.join(' ')}; do mkdir -p "$R/$name"; done
mount -n -t proc proc "$R/proc"
mount -n --rbind /dev "$R/dev"
mount -n -t tmpfs -o mode=1777 linerate "$R/dev/shm" 2>/dev/null || :
mount -n --rbind /sys "$R/sys"
${BIND}
bind ${shellQuote(enclosure.temporary)} /tmp rw
[ ! -d "$R/var/tmp" ] || bind ${shellQuote(enclosure.temporary)} /var/tmp rw
${enclosure.binds.map(({from, to, write}) => `bind ${shellJoin([from, to, write ? 'rw' : 'ro'])}`).join('\n')}
mount -n -o remount,bind,ro "$R"
hostname linerate 2>/dev/null || { printf 'linerate\n' >/proc/sys/kernel/hostname; } 2>/dev/null || :
ip link set lo up 2>/dev/null || :
exec chroot "$R" /usr/bin/env -i ${Object.entries(enclosure.environment)
  .map(([name, value]) => shellQuote(`${name}=${value}`))
  .join(' ')} ${shellJoin(words)}
`;
