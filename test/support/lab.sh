#!/bin/sh
# Hosts in network namespaces to try linerate on: lab.sh start [HOSTS] | stop   (as root)
here=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)
"$here/../../linerate" --version >/dev/null || exit 1 # sets the checkout up on first use
exec "$here/../../node_modules/.bin/node" "$here/lab.ts" "$@"
