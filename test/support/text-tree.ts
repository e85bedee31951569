import {readFileSync} from 'node:fs';
import {shellQuote} from '../../engine/model/shell.ts';

const HEAD = /^==> (\/.+?)(?: -> (\S+))?$/;

/**
 * Shell text that makes a tree of files below /mnt, for `probeInNamespace`. A tree is one text: a line `==> /path` and
 * the file's lines below it, `==> /path -> target` for a link, `==> /path/` for a folder. Scripts among them can be run.
 */
export const plantTree = (text: string): string => {
  const parts = text.split(/^(?===> )/m).filter((part) => part.startsWith('==> '));
  const planted = parts.map((part) => {
    const [head = '', ...lines] = part.split('\n');
    const [, path = '', target] = HEAD.exec(head) ?? [];
    const place = shellQuote(`/mnt${path}`);
    if (path.endsWith('/')) return `mkdir -p ${place}`;
    const folder = `mkdir -p ${shellQuote(`/mnt${path.slice(0, path.lastIndexOf('/'))}`)}`;
    if (target !== undefined) return `${folder}; ln -s ${shellQuote(target)} ${place}`;
    return `${folder}; printf %s ${shellQuote(lines.join('\n'))} >${place}`;
  });
  return [...planted, 'find /mnt -type f -exec chmod 755 {} +'].join('\n');
};

/** The text of a tree in test/fixtures/facts. */
export const treeFixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/facts/${name}.txt`, import.meta.url), 'utf8');
