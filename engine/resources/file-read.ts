import {sha256} from '../model/sha256.ts';
import {shellQuote} from '../model/shell.ts';
import type {Held} from '../model/setting.ts';
import {fileText, type Access} from './file-value.ts';

/** A longer file is known by its digest only: what a probe answers is kept in memory, in plans and in journals. */
const LONGEST_TEXT = 256 * 1024;

/**
 * What says what lies at a path. Its bytes come as base64: a shell cannot hold a NUL, `$( )` drops newlines at the end, and
 * what is no UTF-8 would not survive the way. The path's folder is followed, the path itself is not. Of a folder that is to go
 * it also says what is in it.
 */
export const readFileScript = (path: string, want: string): string => `p=${shellQuote(path)}
inside "\${p%/*}"
p=$R$at/\${p##*/}
printf '%s run 0 asked file %s\\n' "$T" ${shellQuote(path)}
if [ -h "$p" ]; then printf 'link %s\\n' "$(readlink "$p")"
elif [ -d "$p" ]; then
  stat -c 'folder %a %U %u %G %g' "$p"
  ${want === 'absent' ? 'ls -A "$p" 2>/dev/null | head -n 100' : ':'}
elif [ -f "$p" ]; then
  got=$(stat -c '%a %U %u %G %g %s' "$p")
  printf 'file %s\\n' "$got"
  if [ ! -r "$p" ]; then echo refused
  elif [ "\${got##* }" -le ${String(LONGEST_TEXT)} ]; then base64 <"$p"
  else sha256sum <"$p"; fi
elif [ -e "$p" ]; then echo other
else
  got=$(ls -d "$p" 2>&1)
  case $got in
  *'ermission denied'*) echo refused ;;
  *)
    echo absent
    # The folders that are not there either, upwards.
    while p=\${p%/*} && [ -n "$p" ] && [ ! -d "$p" ]; do printf '%s\\n' "\${p#"$R"}"; done ;;
  esac
fi`;

// stat says UNKNOWN where a number has no name.
const nameOf = (name: string, number: string): string => (name === 'UNKNOWN' ? number : name);

const accessOf = (words: readonly string[]): Access | undefined => {
  const [mode = '', user = '', uid = '', group = '', gid = ''] = words;
  if (!/^[0-7]+$/.test(mode) || gid === '') return undefined;
  return {mode: Number.parseInt(mode, 8), owner: `${nameOf(user, uid)}:${nameOf(group, gid)}`};
};

const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

const textIn = (bytes: Uint8Array): string | undefined => {
  try {
    const text = decoder.decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
};

const UNREADABLE: Held = {unreadable: 'Permission denied'};
const GARBLED: Held = {unreadable: 'stat, base64 or sha256sum is missing there, or answered something else'};

const contentHeld = (access: Access, size: string, body: string): Held => {
  if (body === 'refused') return UNREADABLE;
  if (Number(size) > LONGEST_TEXT) {
    const sum = /^[0-9a-f]{64}/.exec(body)?.[0];
    return sum === undefined ? GARBLED : {value: fileText({is: 'bytes', ...access, sha256: sum})};
  }
  const code = body.replaceAll(/\s/g, '');
  if (code.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(code)) return GARBLED;
  const bytes = Uint8Array.from(atob(code), (character) => character.charCodeAt(0));
  if (bytes.length !== Number(size)) return GARBLED;
  const text = textIn(bytes);
  return {
    value: fileText(
      text === undefined ? {is: 'bytes', ...access, sha256: sha256(bytes)} : {is: 'text', ...access, text},
    ),
  };
};

/** What `readFileScript` said, as what the path holds; `other` for a device, a socket or a pipe. */
export const fileHeld = (said: string): Held => {
  if (said === 'refused') return UNREADABLE;
  if (said === 'other' || said.startsWith('link ')) return {value: said};
  const end = said.indexOf('\n');
  const [what = '', ...words] = said.slice(0, end < 0 ? undefined : end).split(' ');
  if (what === 'absent') return {value: 'absent'};
  const access = accessOf(words);
  if (!access) return GARBLED;
  if (what === 'folder') return {value: fileText({is: 'folder', ...access})};
  return what === 'file' ? contentHeld(access, words[5] ?? '', end < 0 ? '' : said.slice(end + 1)) : GARBLED;
};
