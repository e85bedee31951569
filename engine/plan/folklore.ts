import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import type {Block, Finding} from '../model/setting.ts';
import {kindOf} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import type {Request} from './request.ts';
import {folkloreHolds} from './sheet-folklore.ts';
import type {Folklore} from './sheet.ts';

/** `nic feature.large-receive-offload` out of `nic ens1f0 feature.large-receive-offload`; host-wide ids as they are. */
const sheetAddress = (id: string): string => {
  const {kind, rest} = splitId(id);
  return kind === 'nic' ? `nic ${rest.slice(rest.indexOf(' ') + 1)}` : id;
};

const idsOf = (row: Folklore, nics: readonly Nic[]): readonly string[] => {
  const {kind, rest} = splitId(row.set);
  const meant = nics.filter(({driver}) => row.notDrivers?.includes(driver) !== true);
  return kind === 'nic' ? meant.map((nic) => `nic ${nic.name} ${rest}`) : [row.set];
};

const appliesTo = (row: Folklore, workload: string): boolean => row.workloads?.includes(workload) ?? true;

const findingOf = (facts: Facts, row: Folklore, id: string): readonly Finding[] => {
  const {kind: name, rest} = splitId(id);
  const kind = kindOf(name);
  if (!kind || !folkloreHolds(row.when, kind.live(facts, rest), kind.boot(facts, rest))) return [];
  const {message, hint, source, grade} = row;
  return [{code: 'folklore', grade, about: id, message, ...(hint === undefined ? {} : {hint}), source}];
};

/** What is found on a host that hurts it, by its live and boot values. */
export const folkloreFindings = (
  facts: Facts,
  rows: readonly Folklore[],
  workload: string,
  nics: readonly Nic[],
): readonly Finding[] =>
  rows
    .filter((row) => appliesTo(row, workload))
    .flatMap((row) => idsOf(row, nics).flatMap((id) => findingOf(facts, row, id)));

const plainName = (text: string): string =>
  text
    .trim()
    .replace(/^(?:sysctl|boot|nic|module|thp|cpu) /, '')
    .replaceAll(/[./\s]/g, '.');

const allowed = (allow: readonly string[], address: string, value: string): boolean =>
  allow.some((entry) => {
    const equals = entry.indexOf('=');
    const [name, wanted] = equals < 0 ? [entry, undefined] : [entry.slice(0, equals), entry.slice(equals + 1)];
    return plainName(name) === plainName(address) && (wanted === undefined || wanted.trim() === value.trim());
  });

/** Refused rows by address. */
export const refusedRows = (rows: readonly Folklore[]): ReadonlyMap<string, readonly Folklore[]> => {
  const refused = new Map<string, Folklore[]>();
  for (const row of rows) if (row.refused === true) refused.set(row.set, [...(refused.get(row.set) ?? []), row]);
  return refused;
};

/** A value that nobody should set is refused, whoever asks, unless `linerate_allow` names it. */
export const refusalOf = (
  refused: ReadonlyMap<string, readonly Folklore[]>,
  request: Request,
  allow: readonly string[],
  workload: string,
): Block | undefined => {
  const address = sheetAddress(request.id);
  const rows = refused.get(address);
  if (!rows || allowed(allow, address, request.value)) return undefined;
  const row = rows.find(
    (one) =>
      appliesTo(one, workload) &&
      folkloreHolds(one.when.replace(/^configured ?/, '') || 'any', {value: request.value}, {held: 'default'}),
  );
  if (!row) return undefined;
  const name = address.replace(/^\S+ /, '');
  return {
    id: request.id,
    reason: `${request.from.at} asks for ${request.value}: ${row.message}`,
    hint: `to have it all the same, put "${name}=${request.value}" into linerate_allow`,
  };
};
