import {argumentsOf} from './boot-grub.ts';
import type {Next} from './boot-next.ts';
import type {Frames} from './frames.ts';
import {quotedPatterns} from './merged-files.ts';

const FILES = [
  '/boot/extlinux/extlinux.conf',
  '/boot/extlinux.conf',
  '/extlinux/extlinux.conf',
  '/boot/syslinux/extlinux.conf',
  '/boot/syslinux/syslinux.cfg',
];

// Keywords are of any case; passwords (`menu master passwd`) are lines too.
const caseless = (word: string): string =>
  Array.from(word, (letter) => (letter === ' ' ? '[[:space:]]+' : `[${letter.toUpperCase()}${letter}]`)).join('');
const KEYWORDS = ['default', 'label', 'append', 'menu default'].map(caseless).join('|');

export const EXTLINUX_SCRIPT = `e extlinux ${quotedPatterns(FILES)}
w '^[[:space:]]*(${KEYWORDS})([[:space:]]|$)' ${quotedPatterns(FILES)}`;

type Menu = {chosen?: string; marked?: string; append: string; labels: Map<string, string | undefined>};

/** Labels with their arguments; those before the first label are for labels that have none of their own. */
const menuOf = (text: string): Menu => {
  const menu: Menu = {append: '', labels: new Map()};
  let label: string | undefined;
  for (const line of text.split('\n')) {
    const [, word = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    const keyword = word.toLowerCase();
    if (keyword === 'label') {
      label = rest;
      menu.labels.set(label, undefined);
    } else if (keyword === 'default') menu.chosen = rest;
    else if (keyword === 'menu' && label !== undefined) menu.marked = label;
    else if (keyword === 'append' && label !== undefined) menu.labels.set(label, rest === '-' ? '' : rest);
    else if (keyword === 'append') menu.append = rest;
  }
  return menu;
};

/**
 * The next boot by an extlinux.conf, SYSLINUX's and U-Boot's: `default` names a label (or a menu program: then the label
 * that is marked `menu default`), else the first one is started. Undefined where there is no such file.
 */
export const nextByExtlinux = (frames: Frames): Next | undefined => {
  const at = frames.lists.get('extlinux')?.[0];
  if (at === undefined) return undefined;
  const refusal = frames.refused.get(at);
  if (refusal !== undefined) return {loader: 'extlinux', at, commandLine: {unknown: `${at}: ${refusal}`}};
  const {chosen = '', marked, append, labels} = menuOf(frames.files.get(at) ?? '');
  const label = labels.has(chosen) ? chosen : (marked ?? [...labels.keys()][0]);
  if (label === undefined) return {loader: 'extlinux', at, commandLine: {unknown: `${at} has no label`}};
  return {loader: 'extlinux', at, commandLine: argumentsOf(labels.get(label) ?? append, {})};
};
