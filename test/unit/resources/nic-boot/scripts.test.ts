import test from 'ava';
import {bootLines, hostWithFiles} from '../../../support/nic-boot.ts';

const check = (title: string, tree: string, expected: Readonly<Record<string, string>>): void => {
  test(title, (t) => {
    t.deepEqual(bootLines(hostWithFiles(tree), Object.keys(expected)), expected);
  });
};

check(
  'udev: rules by name, driver and address; attributes and commands',
  `==> /etc/udev/rules.d/60-net.rules
ACTION=="add", SUBSYSTEM=="net", KERNEL=="eth9", RUN+="/sbin/ethtool -G $name rx 64"
ACTION=="add", SUBSYSTEM=="net", KERNEL=="en*|eth0", ATTR{mtu}="9000", ATTR{tx_queue_len}="5000"
SUBSYSTEM=="net", DRIVERS=="ena", RUN+="/usr/sbin/ethtool -C %k adaptive-rx on"
SUBSYSTEM=="net", ATTR{address}!="02:00:00:00:00:02", RUN+="/usr/sbin/ethtool -K $name lro off"
SUBSYSTEM=="block", KERNEL=="*", RUN+="/usr/sbin/ethtool -K $name lro on"
`,
  {
    'eth0 ring.rx': '-',
    'eth0 mtu': '9000 /etc/udev/rules.d/60-net.rules:2',
    'eth0 txqueuelen': '5000 /etc/udev/rules.d/60-net.rules:2',
    'eth1 mtu': '-',
    'eth0 coalesce.adaptive-rx': '-',
    'eth1 coalesce.adaptive-rx': 'on /etc/udev/rules.d/60-net.rules:3',
    'eth0 feature.large-receive-offload': 'off /etc/udev/rules.d/60-net.rules:4',
    'eth1 feature.large-receive-offload': '-',
  },
);

check(
  'hooks are for the interface that they ask for, and rc.local comes last',
  `==> /etc/network/if-up.d/beside
#!/bin/sh
[ "$IFACE" != lo ] || exit 0
[ "$IFACE" = eth0 ] && ethtool -K "$IFACE" gro off
==> /etc/network/if-up.d/block
if [ "$IFACE" = "eth1" ]; then
  ethtool -G $IFACE rx 512
fi
==> /etc/network/if-up.d/unknown
case "$IFACE" in
  eth*) ethtool -C $IFACE rx-usecs 3 ;;
esac
==> /etc/network/if-up.d/everywhere
ethtool -A "$IFACE" rx off
==> /etc/NetworkManager/dispatcher.d/20-tune
[ "$1" = eth0 ] && [ "$2" = up ] && ethtool -L "$1" combined 2
==> /etc/rc.local
ethtool -G eth0 rx 4096
ethtool -G $1 tx 4096
`,
  {
    'eth0 feature.generic-receive-offload': 'off /etc/network/if-up.d/beside:3',
    'eth1 feature.generic-receive-offload': '-',
    'eth0 ring.rx': '4096 /etc/rc.local:1',
    'eth1 ring.rx': '512 /etc/network/if-up.d/block:2',
    'eth0 coalesce.rx-usecs': '-',
    'eth1 pause.rx': 'off /etc/network/if-up.d/everywhere:1',
    'eth0 channels.combined': '2 /etc/NetworkManager/dispatcher.d/20-tune:1',
    'eth1 channels.combined': '-',
    'eth1 ring.tx': '-',
  },
);
