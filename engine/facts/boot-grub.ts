/** One menu entry of grub.cfg, nested as its submenus are. */
export type GrubEntry = {
  /** Its title, and its `--id` or `$menuentry_id_option`. */
  names: readonly string[];
  /** Arguments of its `linux` line; absent for what starts no Linux (firmware set-up, other systems). */
  commandLine?: string;
  /** The kernel of that line, as the loader names it. */
  image?: string;
  entries: readonly GrubEntry[];
};

type Draft = {names: readonly string[]; commandLine?: string; image?: string; entries: Draft[]};

const HEAD = /^\s*(?:menuentry|submenu)\s+(?:'([^']*)'|"([^"]*)"|(\S+))(.*)$/;
const ID = /(?:--id|\$\{?menuentry_id_option\}?)[ =]+(?:'([^']*)'|"([^"]*)"|([^\s{]+))/;

const draftOf = (line: string): Draft | undefined => {
  const [, single, double, plain, rest = ''] = HEAD.exec(line) ?? [];
  const title = single ?? double ?? plain;
  if (title === undefined) return undefined;
  const id = ID.exec(rest);
  return {names: [title, id?.[1] ?? id?.[2] ?? id?.[3] ?? title], entries: []};
};

/** The menu of a grub.cfg: entries and submenus with the arguments of their first `linux` line. */
export const grubMenu = (text: string): readonly GrubEntry[] => {
  const root: Draft = {names: [], entries: []};
  const open: Draft[] = [root];
  for (const line of text.split('\n')) {
    const entry = draftOf(line);
    const current = open.at(-1) ?? root;
    if (entry) {
      current.entries.push(entry);
      open.push(entry);
    } else if (/^\s*}/.test(line) && open.length > 1) open.pop();
    else if (current.commandLine === undefined) {
      const [, image, commandLine] = /^\s*linux(?:16|efi)?\s+(\S+)\s*(.*)$/.exec(line) ?? [];
      if (image !== undefined && commandLine !== undefined)
        Object.assign(current, {image, commandLine: commandLine.trim()});
    }
  }
  return root.entries;
};

/** The chosen default: `0`, a title or an id, `1>2` through submenus (GRUB manual, `default`). */
export const grubEntry = (menu: readonly GrubEntry[], choice: string): GrubEntry | undefined => {
  let entries = menu;
  let found: GrubEntry | undefined;
  for (const part of choice.split('>')) {
    found = /^\d+$/.test(part) ? entries[Number(part)] : entries.find(({names}) => names.includes(part));
    if (!found) return undefined;
    entries = found.entries;
  }
  // A submenu as the default starts its own first entry.
  while (found?.entries[0]) found = found.entries[0];
  return found;
};

/**
 * The default that grub.cfg itself sets, with what grubenv holds in place of its variables: `0` where neither says.
 * A `next_entry` in grubenv is for one boot, and that is the next one.
 */
export const grubDefault = (config: string, environment: Readonly<Record<string, string>>): string => {
  const once = environment['next_entry'] ?? '';
  if (once !== '') return once;
  const settings = [...config.matchAll(/^\s*set default="?([^"\n]*?)"?\s*$/gm)].map(([, value = '']) => value);
  const setting = settings.findLast((value) => !value.includes('next_entry')) ?? '0';
  return setting.includes('saved_entry') ? (environment['saved_entry'] ?? '0') : setting;
};

/** What GRUB replaces `$name` with: the `set` lines of grub.cfg, and grubenv, which goes before them. */
export const grubVariables = (
  config: string,
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    [...config.matchAll(/^\s*set (\w+)="?([^"\n]*)"?/gm)].map(([, name = '', value = '']) => [name, value]),
  ),
  ...environment,
});

/** The arguments without what the loader itself adds, its variables replaced by what they hold. */
export const argumentsOf = (commandLine: string, variables: Readonly<Record<string, string>>): string =>
  commandLine
    .replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => variables[name] ?? '')
    .split(/\s+/)
    .filter((word) => word !== '' && !/^(?:BOOT_IMAGE|initrd)=/.test(word))
    .join(' ');
