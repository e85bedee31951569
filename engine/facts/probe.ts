import {shellQuote} from '../model/shell.ts';

/**
 * The functions that a fact's script is written in. A fork costs fifty times what a read does: `f`, `l`, `n`, `e` and
 * `say` need none, `b` one for each file, `g` and `w` one for all of theirs, `x` one for its command.
 * - `f PATH…`   emit each file's text (say so when absent or refused)
 * - `b PATH…`   the same by `cat`: for files of more than a few kilobytes (sh reads byte by byte)
 * - `g DIR PATTERN…`  emit many small files below DIR: the way to read /proc/sys and whole sysfs directories
 * - `w REGEX PATTERN…`  of these files emit only the lines that match (grep -E), in their places: for what may hold
 *   secrets, or much that nobody asks for
 * - `e NAME PATTERN…`  emit, as the list NAME, which of these paths exist, dangling links too
 * - `l PATH…`   emit where a link to a directory leads
 * - `n DIR…`    emit the names in a directory
 * - `x NAME COMMAND ARG…`  run a command, emit its exit status and both its streams; never run for an image's root
 * - `say NAME TEXT`        emit what the script itself found out, as the answer of a command NAME
 * - `has COMMAND`          whether it is there to be run
 * Patterns are globs, quoted by the caller: relative to DIR in `g`, absolute in `w` and `e`; none may hold a blank.
 * The kernel hands a number below /proc/sys out in one read only (proc_dointvec answers end-of-file at any other
 * offset), and dash reads byte by byte: `f` there would make `4` of `4096`, so it leaves those to `b`.
 * R is the root directory that is read: empty for the running system. Absolute links inside it lead out of it.
 */
const PRELUDE = String.raw`
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
unset CDPATH IFS
set +e +u
f() {
  for p in "$@"; do
    if [ ! -e "$R$p" ]; then printf '%s none %s\n' "$T" "$p"; continue; fi
    if [ ! -r "$R$p" ] || [ ! -f "$R$p" ]; then refuse "$p"; continue; fi
    case $p in /proc/sys/*) b "$p"; continue ;; esac
    got=
    while IFS= read -r line || [ -n "$line" ]; do
      if [ -z "$got" ]; then printf '%s file %s\n%s\n' "$T" "$p" "$line"; got=1; else printf '%s\n' "$line"; fi
    done 2>/dev/null <"$R$p"
    [ -n "$got" ] || b "$p"
  done
}
b() {
  for p in "$@"; do
    if [ ! -e "$R$p" ]; then printf '%s none %s\n' "$T" "$p"; continue; fi
    if [ ! -r "$R$p" ] || [ ! -f "$R$p" ]; then refuse "$p"; continue; fi
    printf '%s cat %s\n' "$T" "$p"
    cat "$R$p" 2>/dev/null </dev/null && printf '\n' || { printf '\n'; refuse "$p"; }
  done
}
g() {
  dir=$1
  shift
  cd "$R$dir/" 2>/dev/null || { printf '%s none %s\n' "$T" "$dir"; return; }
  printf '%s many %s\n' "$T" "${'$'}{dir%/}"
  grep '' -- $* /dev/null 2>&1 </dev/null
  cd /
}
w() {
  pattern=$1
  shift
  cd "$R/" 2>/dev/null || return
  for p do
    shift
    for e in .$p; do [ ! -f "$e" ] || set -- "$@" "$e"; done
  done
  if [ $# -gt 0 ]; then
    printf '%s some\n' "$T"
    grep -nE -m 2000 -e "$pattern" -- "$@" /dev/null 2>&1 </dev/null
  fi
  cd /
}
e() {
  cd "$R/" 2>/dev/null || return
  printf '%s list %s\n' "$T" "$1"
  shift
  for p do
    for e in .$p; do [ -e "$e" ] || [ -L "$e" ] || continue; printf '%s\n' "${'$'}{e#.}"; done
  done
  cd /
}
say() { printf '%s run 0 %s\n%s\n' "$T" "$1" "$2"; }
refuse() {
  got=$(cat "$R$1" 2>&1 >/dev/null </dev/null)
  printf '%s fail %s\n%s\n' "$T" "$1" "${'$'}{got##*: }"
}
l() {
  for p in "$@"; do
    if cd -P "$R$p" 2>/dev/null; then printf '%s link %s\n%s\n' "$T" "$p" "${'$'}{PWD#"$R"}"; cd /; else printf '%s none %s\n' "$T" "$p"; fi
  done
}
n() {
  for p in "$@"; do
    if [ ! -d "$R$p" ]; then printf '%s none %s\n' "$T" "$p"; continue; fi
    printf '%s list %s\n' "$T" "$p"
    for e in "$R$p"/*; do [ -e "$e" ] || [ -L "$e" ] || continue; printf '%s\n' "${'$'}{e##*/}"; done
  done
}
has() { [ -z "$R" ] && command -v "$1" >/dev/null 2>&1; }
x() {
  name=$1
  shift
  has "$1" || { printf '%s run 127 %s\n%s: not found\n' "$T" "$name" "$1"; return; }
  got=$("$@" 2>&1 </dev/null)
  printf '%s run %s %s\n%s\n' "$T" "$?" "$name" "$got"
}
`;

export type ProbeOptions = {
  /** A fresh random word of letters and digits. */
  token: string;
  /** The root directory to read, without a trailing slash; empty for the running system. */
  root: string;
};

/**
 * One POSIX-sh script of all the facts' scripts. It is one function called by its last line, so that a stream that is
 * cut off runs nothing; it writes nothing anywhere, and reads nothing from its own standard input. The answer leaves in
 * one piece: sent line by line, its packets cost the controller more than all the rest of a connection.
 */
export const probeScript = (scripts: readonly string[], options: ProbeOptions): string =>
  `linerate_probe() {
T=${shellQuote(options.token)}
R=${options.root === '' ? '' : shellQuote(options.root)}
${PRELUDE}
printf '%s start\n' "$T"
${scripts.join('\n')}
printf '%s end\n' "$T"
}
lr_answer=$(linerate_probe)
printf '%s\n' "$lr_answer"
`;

/** The token that a probe's script was made with; undefined when it is another script. */
export const probeToken = (script: string): string | undefined => /^linerate_probe\(\) \{\nT=(\S+)\n/.exec(script)?.[1];
