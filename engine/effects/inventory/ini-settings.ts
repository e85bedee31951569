/** One value of a configuration file and its place. */
export type IniSetting = {value: string; at: string};

/** By section and key, keys in lower case. */
export type IniSettings = ReadonlyMap<string, ReadonlyMap<string, IniSetting>>;

type Reading = {
  sections: Map<string, Map<string, IniSetting>>;
  section: Map<string, IniSetting> | undefined;
  /** The key that an indented line goes on with. */
  key: string | undefined;
};

const isComment = (line: string): boolean => /^\s*[#;]/.test(line);

// Ansible lets ` ;` start a comment behind a value, and `#` only at the start of a line.
const withoutComment = (line: string): string => line.replace(/(?:^|\s);.*$/, '').trimEnd();

const openSection = (reading: Reading, name: string): void => {
  reading.section = reading.sections.get(name) ?? new Map();
  reading.sections.set(name, reading.section);
  reading.key = undefined;
};

const goOn = (reading: Reading, line: string): boolean => {
  const {section, key} = reading;
  const earlier = key === undefined ? undefined : section?.get(key);
  if (!/^\s/.test(line) || key === undefined || earlier === undefined) return false;
  section?.set(key, {...earlier, value: `${earlier.value}\n${line.trim()}`.trim()});
  return true;
};

const readLine = (reading: Reading, line: string, at: string): string | undefined => {
  const header = /^\[([^\]]+)\]/.exec(line)?.[1];
  if (header !== undefined) openSection(reading, header);
  else if (!goOn(reading, line)) {
    const pair = /^\s*([^=:]+?)\s*[=:]\s*(.*)$/.exec(line);
    if (pair === null || reading.section === undefined) return at;
    reading.key = (pair[1] ?? '').toLowerCase();
    reading.section.set(reading.key, {value: pair[2] ?? '', at});
  }
  return undefined;
};

/** Reads what Python's configparser reads of `ansible.cfg`: sections, `key = value`, indented continuation lines. */
export const readIniSettings = (text: string, file: string): {settings: IniSettings; wrong: readonly string[]} => {
  const reading: Reading = {sections: new Map(), section: undefined, key: undefined};
  const wrong: string[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = isComment(raw) ? '' : withoutComment(raw);
    if (line.trim() === '') continue;
    const mistake = readLine(reading, line, `${file}:${String(index + 1)}`);
    if (mistake !== undefined) wrong.push(mistake);
  }
  return {settings: reading.sections, wrong};
};
