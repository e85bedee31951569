/** What a full configuration says stands above each of its options: the menu's title (`Networking options`), or nothing. */
export const headingsOf = (text: string): ReadonlyMap<string, string> => {
  const headings = new Map<string, string>();
  let heading = '';
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const [, name] = /^(?:# )?CONFIG_(\w+)(?:=| is not set$)/.exec(line) ?? [];
    // Three comments: an empty one, the title, an empty one. `end of TITLE` stands alone.
    const [, title] = /^# (\S.*)$/.exec(line) ?? [];
    if (name !== undefined) headings.set(name, heading);
    else if (title !== undefined && lines[index - 1] === '#' && lines[index + 1] === '#') heading = title;
  }
  return headings;
};
