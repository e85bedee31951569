import {readFile} from 'node:fs/promises';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {parseConfiguration, requestedOptions} from '../../stages/kernel/kconfig/configuration.ts';
import {configurationDrift, differenceText} from '../../stages/kernel/kconfig/drift.ts';
import {droppedOptions, type Dropped} from '../../stages/kernel/kconfig/dropped.ts';
import {readSymbols, type Symbols} from '../../stages/kernel/kconfig/symbols.ts';
import type {CheckedOutput} from './check.ts';

const Text = v.strictObject({path: v.string(), text: v.string()});

const OptionsSchema = v.strictObject({fragments: v.array(Text), full: v.exactOptional(Text)});

/** The symbols of a kernel's tree; files that it does not have are passed over, as Kconfig's own reader may. */
export const symbolsOfTree = (tree: string): Symbols =>
  readSymbols(
    (file) => {
      try {
        return readFileSync(path.join(tree, file), 'utf8');
      } catch {
        return undefined;
      }
    },
    {SRCARCH: 'x86', ARCH: 'x86_64'},
  );

const outcome = ({name, want, found}: Dropped): string => {
  if (want === found) return `CONFIG_${name}=${want} means nothing`;
  return found === 'n' ? `CONFIG_${name}=${want} was dropped` : `CONFIG_${name} is ${found}, not ${want}`;
};

const droppedFault = (dropped: Dropped): Fault =>
  new Fault({
    code: 'kernel-option-dropped',
    owner: 'user',
    message: printableLine(`${outcome(dropped)}: ${dropped.why}`, 1000),
    at: dropped.at,
  });

const MOST_SHOWN = 20;

const driftFault = (full: {path: string; text: string}, config: string, symbols: Symbols): readonly Fault[] => {
  const target = path.dirname(path.dirname(full.path));
  const details = {code: 'kernel-config-drift', owner: 'user', at: full.path} as const;
  const hint = `\`linerate kernel config ${target} --update\` writes it; look at what changed before you commit it`;
  if (full.text === '')
    return [new Fault({...details, message: `${target} has no full configuration committed`, hint})];
  const {asked, derived} = configurationDrift(parseConfiguration(full.text), parseConfiguration(config), symbols);
  if (asked.length === 0) return [];
  const shown = [...asked, ...derived].slice(0, MOST_SHOWN).map((one) => `CONFIG_${differenceText(one)}`);
  const more = asked.length + derived.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`and ${String(more)} more`] : [])].map((line) => printableLine(line));
  const message = `the committed configuration of ${target} is no longer what comes out: ${String(asked.length)} options differ`;
  return [new Fault({...details, message, hint: [hint, ...list].join('\n  ')})];
};

/** Whether every option that the fragments ask for survived, and whether the whole is what is committed. */
export const check = async ({out, inputs, options}: CheckedOutput): Promise<readonly Fault[]> => {
  const {fragments, full} = v.parse(OptionsSchema, options);
  const config = await readFile(path.join(out, 'config'), 'utf8');
  const symbols = symbolsOfTree(path.join(inputs['source'] ?? '', 'tree'));
  const dropped = droppedOptions(requestedOptions(fragments), parseConfiguration(config), symbols);
  if (dropped.length > 0) return dropped.map(droppedFault);
  return full ? driftFault(full, config, symbols) : [];
};
