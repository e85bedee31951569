import {shellQuote} from '../model/shell.ts';

/**
 * The functions that a fact's script is written in. A fork costs fifty times what a read does: `f`, `l`, `n`, `e` and
 * `say` need none, `b` one for each file, `g` one for all of a probe's, `w` one for all of its own, `x` one for its command.
 * - `f PATH…`   emit each file's text (say so when absent or refused)
 * - `b PATH…`   the same by `cat`: for files of more than a few kilobytes (sh reads byte by byte)
 * - `g DIR PATTERN…`  emit many small files below DIR, at the probe's end: the way to read /proc/sys and whole sysfs
 *   directories
 * - `w REGEX PATTERN…`  of these files emit only the lines that match (grep -E), in their places: for what may hold
 *   secrets, or much that nobody asks for
 * - `o REGEX PATTERN…`  the same, and of each line only the words that match: for scripts
 * - `e NAME PATTERN…`  emit, as the list NAME, which of these paths exist, dangling links too
 * - `l PATH…`   emit where a link to a directory leads
 * - `n DIR…`    emit the names in a directory
 * - `x NAME COMMAND ARG…`  run a command, emit its exit status and both its streams; never run for an image's root
 * - `say NAME TEXT`        emit what the script itself found out, as the answer of a command NAME
 * - `has COMMAND`          whether it is there to be run
 * Patterns are globs, quoted by the caller: relative to DIR in `g`, absolute in `w` and `e`; none may hold a blank.
 * The kernel hands a number below /proc/sys out in one read only (proc_dointvec answers end-of-file at any other
 * offset), and dash reads byte by byte: `f` there would make `4` of `4096`, so it leaves those to `b`.
 * - `inside PATH`  sets `at` to where a path leads by the root's own links
 * R is the root directory that is read: empty for the running system. A link inside it may be absolute, or climb out of
 * it: `inside` follows it as the image's own kernel would, so that nothing of this machine is taken for the image's. Only
 * the names that a glob finds in a directory which is itself such a link are missed.
 */
const PRELUDE = String.raw`
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
unset CDPATH IFS
set +e +u
wanted=
folder=
folder_at=
inside() {
  at=$1
  [ -n "$R" ] || return 0
  if [ "${'$'}{1%/*}" != "$folder" ]; then
    folder=${'$'}{1%/*}
    here=$PWD
    at=
    # sysfs is full of links: following them one by one costs a fork each.
    if cd -P "$R$folder/" 2>/dev/null; then
      case $PWD/ in "$R"/*) at=${'$'}{PWD#"$R"} ;; *) follow "$folder" ;; esac
      cd "$here"
    else
      follow "$folder"
    fi
    folder_at=$at
  fi
  at=$folder_at
  follow "${'$'}{1##*/}"
}
follow() {
  way=$1/
  turns=0
  while [ -n "$way" ]; do
    part=${'$'}{way%%/*}
    way=${'$'}{way#*/}
    case $part in
      '' | .) continue ;;
      ..) at=${'$'}{at%/*} && continue ;;
    esac
    if [ -L "$R$at/$part" ]; then
      turns=$((turns + 1))
      [ "$turns" -le 40 ] || { at=/too-many-links; return; }
      link=$(readlink "$R$at/$part")
      case $link in /*) at= ;; esac
      way=$link/$way
    else
      at=$at/$part
    fi
  done
}
f() {
  for p in "$@"; do
    inside "$p"
    if [ ! -e "$R$at" ]; then printf '%s none %s\n' "$T" "$p"; continue; fi
    if [ ! -r "$R$at" ] || [ ! -f "$R$at" ]; then refuse "$p"; continue; fi
    case $p in /proc/sys/*) b "$p"; continue ;; esac
    got=
    while IFS= read -r line || [ -n "$line" ]; do
      if [ -z "$got" ]; then printf '%s file %s\n%s\n' "$T" "$p" "$line"; got=1; else printf '%s\n' "$line"; fi
    done 2>/dev/null <"$R$at"
    [ -n "$got" ] || b "$p"
  done
}
b() {
  for p in "$@"; do
    inside "$p"
    if [ ! -e "$R$at" ]; then printf '%s none %s\n' "$T" "$p"; continue; fi
    if [ ! -r "$R$at" ] || [ ! -f "$R$at" ]; then refuse "$p"; continue; fi
    printf '%s cat %s\n' "$T" "$p"
    cat "$R$at" 2>/dev/null </dev/null && printf '\n' || { printf '\n'; refuse "$p"; }
  done
}
g() {
  cd "$R$1/" 2>/dev/null || { printf '%s none %s\n' "$T" "$1"; return; }
  dir=${'$'}{1%/}
  shift
  if [ -n "$R" ]; then
    of_image "$@"
    cd /
    [ -z "$elsewhere" ] || b $elsewhere
    return
  fi
  cd /
  some=
  set -f
  for p in $*; do some="$some ${'$'}{dir#/}/$p"; done
  set +f
  # Another file in between: what two of them ask for one after the other would pass for one text.
  wanted="$wanted$some proc/loadavg
"
}
of_image() {
  printf '%s many %s\n' "$T" "$dir"
  elsewhere=
  set -- $*
  for e do
    shift
    inside "$dir/$e"
    if [ -e "$e" ] || [ -L "$e" ] && ! [ "$R$at" -ef "$e" ]; then elsewhere="$elsewhere $dir/$e"; else set -- "$@" "$e"; fi
  done
  grep '' -- "$@" /dev/null 2>&1 </dev/null
}
# What all of g asked for, by one program where its arguments have room for that.
all_wanted() {
  [ -n "$wanted" ] || return 0
  printf '%s many \n' "$T"
  grep '' -- $wanted /dev/null 2>&1 </dev/null
  [ "$?" -eq 126 ] || return 0
  printf %s "$wanted" | while IFS= read -r some; do grep '' -- $some /dev/null 2>&1 </dev/null; done
}
w() { matching nE "$@"; }
o() { matching noE "$@"; }
matching() {
  flags=$1
  pattern=$2
  shift 2
  cd "$R/" 2>/dev/null || return
  same=
  for p do
    shift
    for e in .$p; do
      inside "${'$'}{e#.}"
      [ -f ".$at" ] || continue
      set -- "$@" ".$at"
      [ ".$at" = "$e" ] || same="$same$T same ${'$'}{e#.}
$at
"
    done
  done
  if [ $# -gt 0 ]; then
    printf '%s some\n' "$T"
    grep "-$flags" -m 2000 -e "$pattern" -- "$@" /dev/null 2>&1 </dev/null
    printf %s "$same"
  fi
  cd /
}
e() {
  cd "$R/" 2>/dev/null || return
  printf '%s list %s\n' "$T" "$1"
  shift
  for p do
    for e in .$p; do
      inside "${'$'}{e#.}"
      [ -e ".$at" ] || [ -L "$e" ] || continue
      printf '%s\n' "${'$'}{e#.}"
    done
  done
  cd /
}
say() { printf '%s run 0 %s\n%s\n' "$T" "$1" "$2"; }
refuse() {
  got=$(cat "$R$at" 2>&1 >/dev/null </dev/null)
  printf '%s fail %s\n%s\n' "$T" "$1" "${'$'}{got##*: }"
}
l() {
  for p in "$@"; do
    inside "$p"
    if cd -P "$R$at" 2>/dev/null; then printf '%s link %s\n%s\n' "$T" "$p" "${'$'}{PWD#"$R"}"; cd /; else printf '%s none %s\n' "$T" "$p"; fi
  done
}
n() {
  for p in "$@"; do
    inside "$p"
    if [ ! -d "$R$at" ]; then printf '%s none %s\n' "$T" "$p"; continue; fi
    printf '%s list %s\n' "$T" "$p"
    for e in "$R$at"/*; do [ -e "$e" ] || [ -L "$e" ] || continue; printf '%s\n' "${'$'}{e##*/}"; done
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
all_wanted
printf '%s end\n' "$T"
}
lr_answer=$(linerate_probe)
printf '%s\n' "$lr_answer"
`;

/** The token that a probe's script was made with; undefined when it is another script. */
export const probeToken = (script: string): string | undefined => /^linerate_probe\(\) \{\nT=(\S+)\n/.exec(script)?.[1];
