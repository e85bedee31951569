/** Cuts `text` to `width` columns, with `…` where something is left out. */
export const clip = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text;

/** `text` in exactly `width` columns. */
export const cell = (text: string, width: number): string => clip(text, width).padEnd(width);

/** Breaks `text` at blanks into lines of at most `width` columns. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
};

/** 67,108,864 kB → `64 GiB`. */
export const memoryText = (kb: number): string =>
  kb >= 1024 * 1024 ? `${String(Math.round(kb / 1024 / 1024))} GiB` : `${String(Math.round(kb / 1024))} MiB`;

/** 100000 Mb/s → `100 Gb/s`. */
export const speedText = (mbps: number): string =>
  mbps >= 1000 ? `${String(mbps / 1000)} Gb/s` : `${String(mbps)} Mb/s`;
