import {UPLOADS} from '../model/upload.ts';

/** apt's lists are stale after a day, or when a file of sources is younger than they are. */
export const LISTS_FRESH = String.raw`
package_lists_fresh() (
  set -- /var/lib/apt/lists/*_Packages*
  lists=/var/lib/apt/lists
  [ -z "$(find "$lists/partial" -maxdepth 0 -newer "$lists" 2>/dev/null)" ] || lists=$lists/partial
  [ -e "$1" ] && [ -n "$(find "$lists" -maxdepth 0 -mmin -1440 2>/dev/null)" ] &&
    [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer "$lists" 2>/dev/null)" ]
)`;

/**
 * `asked_package NAME WANT` prints what the host's own package program knows of a package, in lines:
 * - `apt`, `dnf` or `none`; whose database is filled decides, as either may be installed beside the other
 * - `interrupted` where dpkg was cut off and must be repaired first
 * - `is WANTED-STATE STATE VERSION` in dpkg's words, a line for each version
 * - `lists fresh` or `lists stale`, and `known VERSION` for each that a repository or linerate's own cache holds: only
 *   where something is to be changed, since it takes a tenth of a second
 * It reads apt's lists and not its caches, which apt-cache would write anew.
 */
export const PACKAGE_FUNCTIONS = String.raw`${LISTS_FRESH}
package_lists() {
  set -- /var/lib/apt/lists/*_Packages*
  if package_lists_fresh; then echo 'lists fresh'; else echo 'lists stale'; fi
  [ ! -e "$1" ] || { /usr/lib/apt/apt-helper cat-file "$@" 2>/dev/null || cat "$@"; } </dev/null |
    sed -n "/^Package: $pattern\$/,/^\$/s/^Version: /known /p" | sort -u
}
apt_package() {
  echo apt
  for file in /var/lib/dpkg/updates/[0-9]*; do [ ! -e "$file" ] || echo interrupted; done | head -n 1
  is=$(dpkg-query -W -f 'is ${'$'}{db:Status-Want} ${'$'}{db:Status-Status} ${'$'}{Version}\n' "$name" 2>/dev/null </dev/null)
  printf '%s\n' "$is"
  version=
  case $is in *' installed '* | *' triggers-'*) version=${'$'}{is##* } ;; esac
  case $1 in
  present) [ -z "$version" ] || return ;;
  removed | absent) [ -n "$version" ] || return ;;
  *' sha256:'*) [ -n "$version" ] && [ "${'$'}{version#*:}" != "${'$'}{1%% *}" ] || return ;;
  *) [ "$version" != "$1" ] || return ;;
  esac
  package_lists
  for file in ${UPLOADS}/*/"$name.deb" /var/cache/apt/archives/"$name"_*.deb; do
    [ ! -f "$file" ] || printf 'known %s\n' "$(dpkg-deb -f "$file" Version 2>/dev/null </dev/null)"
  done
}
dnf_package() {
  echo dnf
  version='%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n'
  is=$(rpm -q --qf "is install installed $version" "$name" 2>/dev/null </dev/null) && printf '%s\n' "$is"
  for file in ${UPLOADS}/*/"$name.rpm"; do
    [ ! -f "$file" ] || rpm -qp --nosignature --qf "known $version" "$file" 2>/dev/null </dev/null
  done
}
asked_package() {
  name=$1
  pattern=$(printf '%s' "${'$'}{1%:*}" | sed 's/[.]/[.]/g')
  if [ -s /var/lib/dpkg/status ] && has apt-get; then apt_package "$2"
  elif has rpm && { has dnf || has yum; }; then dnf_package
  else echo none; fi
}
`;
