#!/bin/sh
# Process 1 of a lab, in its own PID and mount namespaces: when it ends, the kernel ends all hosts, and with them go
# their network namespaces, links and mounts. So a lab leaves nothing behind, however it dies.
#   supervisor.sh FOLDER SLOT|any stdin|forever
# FOLDER/hosts/NAME/ holds what each host is made of; its addresses are 198.18.SLOT.11 and on (RFC 2544's benchmark range).
set -eu
folder=$1 wanted=$2 until=$3
here=$(dirname -- "$0")

mount -t tmpfs -o mode=755 lab /run
ip netns add router

# Making the link is what claims a slot: it fails where another lab has it.
claim() { ip link add "lrlab$1" type veth peer name uplink netns router 2>/dev/null; }
slot=
if [ "$wanted" = any ]; then
  for slot in $(seq 1 254); do claim "$slot" && break; done
else
  slot=$wanted
  claim "$slot"
fi || { echo "slot $wanted is taken: another lab runs there" >&2; exit 3; }

ip address add "198.18.$slot.1/24" dev "lrlab$slot"
ip link set "lrlab$slot" up
ip -n router -batch - <<END
link add br0 type bridge
link set uplink master br0 up
link set br0 up
END

number=10
for path in "$folder"/hosts/*; do
  name=${path##*/}
  number=$((number + 1))
  ip netns add "$name"
  ip -n router -batch - <<END
link add p$number numtxqueues 2 numrxqueues 2 type veth peer name eth0 netns $name numtxqueues 2 numrxqueues 2
link set p$number master br0 up
END
  # Its own lowest process: killing a host's sshd takes all of the host's processes with it.
  ip netns exec "$name" unshare --uts --mount --pid --fork --kill-child --propagation private --mount-proc \
    sh "$here/host.sh" "$path" "$name" "198.18.$slot.$number" "198.18.$slot.1" </dev/null >"$path/log" 2>&1 &
done

echo "$slot" >"$folder/slot.new"
mv "$folder/slot.new" "$folder/slot"
if [ "$until" = stdin ]; then cat >/dev/null; else sleep infinity; fi
ip link delete "lrlab$slot"
