import {OWN} from '../../facts/own-files.ts';
import type {Step} from '../../model/change.ts';
import type {Contribution} from './contributions.ts';
import {commentOf, idsOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';

type Option = Contribution<'module-option'>;

/** modprobe.d, with the options of each module on one line. */
export const moduleFiles = (templates: FileTemplates, contributions: readonly Option[]): readonly LastingFile[] => {
  if (contributions.length === 0) return [];
  const modules = [...Map.groupBy(contributions, ({lasting}) => lasting.module)].map(([module, options]) => ({
    module,
    comments: options.map(({setting}) => commentOf(setting)),
    options: options.map(({lasting}) => ({option: lasting.option, value: lasting.value})),
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
