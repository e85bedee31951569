/** A paragraph in lines of at most 78 characters, where its words allow it. */
export const wrapped = (paragraph: string, most = 78): string => {
  const lines: string[] = [];
  for (const word of paragraph.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
};
