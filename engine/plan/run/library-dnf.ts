import {UPLOADS} from '../../model/upload.ts';

/**
 * dnf's part, or yum's where there is no dnf. A transaction is tried (`--assumeno`), judged, downloaded, and only then
 * carried out; nothing that nobody named is ever removed. RPM's own database tells what there was: what is new goes, and
 * what is missing comes back.
 */
export const DNF = String.raw`
dnf_list() { rpm -qa --qf '%{NAME}-%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}.%{ARCH}\n' | sort >"$1" && [ -s "$1" ]; }
dnf_run() {
  lasts "$MOST"
  if command -v dnf >/dev/null 2>&1; then package_turn dnf --setopt=install_weak_deps=False "$@"
  else package_turn yum --setopt=install_weak_deps=False "$@"; fi
}
# What dnf would do, as SECTION|NAME lines: it has no other way to say so, and ends with a status of 1 after it.
dnf_plan() {
  dnf_run --assumeno "$@" || grep -q '^Operation aborted' "$out" || return 1
  awk '/^[A-Z][A-Za-z ]*:$/ {section = $0; next} /^ [^ ]/ {print section "|" $1}' "$out" >"$D/plan"
}
# NAME: an older package moves what was changed by hand aside (.rpmsave), as a newer one leaves its own beside it (.rpmnew).
dnf_keep_files() {
  mkdir -p "$pkgrec.config" || return 1
  rpm -qc "$1" | while IFS= read -r file; do
    case $file in /*) ;; *) continue ;; esac
    for path in "$file" "$file.rpmnew" "$file.rpmsave"; do
      printf '%s\n' "$path" >>"$pkgrec.configs"
      [ ! -e "$path" ] || cp -a --parents -- "$path" "$pkgrec.config/"
    done
  done
}
dnf_files_back() {
  [ ! -e "$pkgrec.configs" ] || while IFS= read -r path; do
    if [ -e "$pkgrec.config$path" ]; then cp -a -- "$pkgrec.config$path" "$path"; else rm -f -- "$path"; fi
  done <"$pkgrec.configs"
}
# NAME
dnf_keep() {
  dnf_keep_files "$1" || return 1
  version='%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}.%{ARCH}\n'
  old=$(rpm -q --qf "%{NAME}-$version" "$1") || return 1
  for file in ${UPLOADS}/*/"$1.rpm"; do
    [ ! -f "$file" ] || [ "$(rpm -qp --nosignature --qf "%{NAME}-$version" "$file" 2>/dev/null)" != "$old" ] ||
      { package_keep "$1" "$old" "$file"; return; }
  done
  { rm -rf ${UPLOADS}/.fetch && mkdir -p ${UPLOADS}/.fetch; } 2>/dev/null || return 1
  dnf_run -q download --destdir ${UPLOADS}/.fetch "$old"
  for file in ${UPLOADS}/.fetch/*.rpm; do [ -f "$file" ] && package_keep "$1" "$old" "$file"; done
  status=$?
  rm -rf ${UPLOADS}/.fetch
  return "$status"
}
dnf_allowed() {
  while IFS='|' read -r section name; do
    case $section in
    'Removing dependent packages:') is_out "$name" || { why="$name would be removed, and nobody asked for that"; return 1; } ;;
    esac
    case $section in
    Removing* | Upgrading: | Downgrading: | Reinstalling:)
      dnf_keep "$name" || package_lost "$name" || return 1 ;;
    esac
  done <"$D/plan"
}
# VERB WORD...: one transaction.
dnf_transaction() {
  dnf_plan "$@" && { dnf_allowed || return 1; } &&
    { [ "$1" = remove ] || dnf_run -y --downloadonly "$@"; } && dnf_run -y "$@" || { [ -n "$why" ] || package_said dnf; return 1; }
}
# exact|any WORD...
packages_dnf() {
  pkgexact=$1 why=
  shift
  package_words "$@"
  package_record dnf_list || return 1
  for file in $pkgfiles; do
    name=${'$'}{file##*/}
    package_file "$file" "${'$'}{name%.rpm}" rpm -qp --nosignature --qf '%{NAME}' "$file" || return 1
  done
  # Two transactions, as dnf has no command for both; what came for a package goes with it where nothing shall be left.
  if [ -n "$pkgpurge" ]; then word=True; else word=False; fi
  [ -z "$pkgout" ] || dnf_transaction remove "--setopt=clean_requirements_on_remove=$word" $pkgout || return 1
  [ -z "$pkgin" ] || dnf_transaction install $pkgin
}
packages_dnf_back() {
  pkgrec=$journal/packages.$at
  [ -e "$pkgrec" ] || return 0
  dnf_list "$pkgrec.now" || { said rpm; return 1; }
  pkgin='' pkgfiles=''
  for word in $(grep -vxF -f "$pkgrec.now" "$pkgrec"); do
    file=$(awk -v old="$word" '$2 == old {print $3}' "$pkgrec.kept")
    if [ -n "$file" ]; then pkgfiles="$pkgfiles $file"; else pkgin="$pkgin $word"; fi
  done
  [ -z "$pkgfiles" ] || package_turn rpm -U --oldpackage --replacepkgs $pkgfiles || package_said rpm
  [ -z "$pkgin" ] || dnf_run -y downgrade $pkgin || dnf_run -y install $pkgin || package_said dnf
  dnf_list "$pkgrec.now"
  word=$(grep -vxF -f "$pkgrec" "$pkgrec.now")
  [ -z "$word" ] || package_turn rpm -e $word || package_said rpm
  dnf_files_back
  package_accounts
  dnf_list "$pkgrec.now" && cmp -s "$pkgrec" "$pkgrec.now" && { rm -f "$pkgrec.now"; return 0; }
  [ -n "$why" ] || why="$(cat "$pkgrec" "$pkgrec.now" | sort | uniq -u | head -n 5 | tr '\n' ' ')differ from before"
  return 1
}
`;
