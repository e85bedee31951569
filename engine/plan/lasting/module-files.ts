import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Step} from '../../model/change.ts';
import type {Contribution} from './contributions.ts';
import {withKept, type Entry} from './entries.ts';
import {commentOf, idsOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';

type Option = Contribution<'module-option'>;

const before = ({modules}: Facts): readonly Entry[] =>
  modules.options
    .filter(({at}) => at.startsWith(`${OWN.moduleOptions}:`))
    .flatMap(({module, text}) => text.split(/\s+/).map((word) => ({module, word: word.split('=')})))
    .map(({module, word: [option = '', value = '']}) => ({key: `${module} ${option}`, value, comment: 'as before'}));

/** modprobe.d, with the options of each module on one line. */
export const moduleFiles = (
  facts: Facts,
  templates: FileTemplates,
  contributions: readonly Option[],
): readonly LastingFile[] => {
  if (contributions.length === 0) return [];
  const given = contributions.map(({setting, lasting}) => ({
    key: `${lasting.module} ${lasting.option}`,
    value: lasting.value,
    comment: commentOf(setting),
  }));
  const byModule = Map.groupBy(withKept(given, before(facts)), ({key}) => key.split(' ')[0] ?? '');
  const modules = [...byModule].map(([module, options]) => ({
    module,
    comments: options.map(({comment}) => comment),
    options: options.map(({key, value}) => ({option: key.split(' ')[1] ?? '', value})),
  }));
  return [
    {
      path: OWN.moduleOptions,
      text: rendered(templates, 'modprobe.conf', {modules}),
      mode: 0o644,
      carries: idsOf(contributions),
      why: 'options that modules are loaded with',
    },
  ];
};

/**
 * Makes the initial RAM disks anew that hold one of the modules: they have a copy of modprobe.d of their own. One that
 * cannot be listed is made anew too.
 */
const REFRESH = `names=$1
holds() {
  listing=$("$@" 2>/dev/null) || return 0
  printf '%s\\n' "$listing" | tr - _ | grep -qE "/($names)\\.ko"
}
if command -v update-initramfs >/dev/null; then
  for image in /boot/initrd.img-*; do
    [ -e "$image" ] || continue
    ! holds lsinitramfs "$image" || update-initramfs -u -k "\${image#/boot/initrd.img-}" || exit 1
  done
elif command -v dracut >/dev/null; then
  for image in /boot/initramfs-*.img; do
    version=\${image#/boot/initramfs-}
    version=\${version%.img}
    [ -d "/lib/modules/$version" ] || continue
    ! holds lsinitrd "$image" || dracut -f "$image" "$version" || exit 1
  done
fi`;

/** Refreshes the initial RAM disks that hold any of these modules. */
export const refreshInitramfs = (modules: readonly string[]): Step => ({
  do: 'run',
  argv: ['/bin/sh', '-c', REFRESH, 'refresh', modules.join('|')],
});
