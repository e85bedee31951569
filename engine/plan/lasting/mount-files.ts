import type {Facts} from '../../facts/facts.ts';
import type {Block} from '../../model/setting.ts';
import type {Contribution} from './contributions.ts';
import {commentOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';

type Mount = Contribution<'mount'>;

/** A path as systemd spells it in a unit's name (systemd-escape --path). */
export const unitPath = (path: string): string => {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0) return '-';
  // Byte by byte: systemd escapes each byte of a character beyond ASCII.
  const escaped = Array.from(new TextEncoder().encode(parts.join('/')), (byte, index) => {
    const character = String.fromCharCode(byte);
    if (character === '/') return '-';
    if (/[A-Za-z0-9:_]/.test(character) || (character === '.' && index > 0)) return character;
    return `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return escaped.join('');
};

export type MountUnits = {units: readonly {name: string; file: LastingFile}[]; blocks: readonly Block[]};

/** A mount unit for each; a Block where somebody else's unit has that name. */
export const mountUnits = (facts: Facts, templates: FileTemplates, contributions: readonly Mount[]): MountUnits => {
  const units: {name: string; file: LastingFile}[] = [];
  const blocks: Block[] = [];
  for (const {setting, lasting} of contributions) {
    const name = `${unitPath(lasting.path)}.mount`;
    const path = `/etc/systemd/system/${name}`;
    const there = facts.services.own?.mounts.find((unit) => unit.path === path);
    if (there && there.type !== lasting.type) {
      const reason = `${path} is there already and mounts ${there.type === '' ? 'something else' : there.type}`;
      blocks.push({id: setting.id, reason, hint: 'change that unit, or take it out'});
      continue;
    }
    const {device, type, options} = lasting;
    const text = rendered(templates, 'mount', {path: lasting.path, device, type, options, comment: commentOf(setting)});
    units.push({name, file: {path, text, mode: 0o644, carries: [setting.id], why: `mounts ${lasting.path} at boot`}});
  }
  return {units, blocks};
};
