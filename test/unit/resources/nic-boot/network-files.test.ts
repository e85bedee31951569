import test from 'ava';
import {bootLines, hostWithFiles} from '../../../support/nic-boot.ts';

const check = (title: string, tree: string, expected: Readonly<Record<string, string>>): void => {
  test(title, (t) => {
    t.deepEqual(bootLines(hostWithFiles(tree), Object.keys(expected)), expected);
  });
};

const IFCFG = '/etc/sysconfig/network-scripts';

check(
  'RHEL: several commands in ETHTOOL_OPTS, by DEVICE and by HWADDR',
  `==> ${IFCFG}/ifcfg-eth0
TYPE="Ethernet"
BOOTPROTO="static"
DEVICE="eth0"
MTU="9000"
ETHTOOL_OPTS="-G \${DEVICE} rx 4096 tx 2048; -K \${DEVICE} gro off lro off;-C eth0 adaptive-rx off rx-usecs 8"
IPADDR=192.0.2.10
==> ${IFCFG}/ifcfg-System_eth1
TYPE=Ethernet
HWADDR=02:00:00:00:00:02
ETHTOOL_OPTS='speed 10000 duplex full autoneg off; -L eth1 combined 4; --pause eth1 rx on'
`,
  {
    'eth0 mtu': `9000 ${IFCFG}/ifcfg-eth0:4`,
    'eth0 ring.rx': `4096 ${IFCFG}/ifcfg-eth0:5`,
    'eth0 ring.tx': `2048 ${IFCFG}/ifcfg-eth0:5`,
    'eth0 feature.generic-receive-offload': `off ${IFCFG}/ifcfg-eth0:5`,
    'eth0 feature.large-receive-offload': `off ${IFCFG}/ifcfg-eth0:5`,
    'eth0 coalesce.adaptive-rx': `off ${IFCFG}/ifcfg-eth0:5`,
    'eth0 coalesce.rx-usecs': `8 ${IFCFG}/ifcfg-eth0:5`,
    'eth1 channels.combined': `4 ${IFCFG}/ifcfg-System_eth1:3`,
    'eth1 pause.rx': `on ${IFCFG}/ifcfg-System_eth1:3`,
    'eth1 mtu': '-',
  },
);

check(
  'SUSE: the interface is in the file’s name',
  `==> /etc/sysconfig/network/ifcfg-eth1
STARTMODE='auto'
MTU='9000'
ETHTOOL_OPTIONS='-K iface gro off'
`,
  {
    'eth1 feature.generic-receive-offload': 'off /etc/sysconfig/network/ifcfg-eth1:3',
    'eth1 mtu': '9000 /etc/sysconfig/network/ifcfg-eth1:2',
    'eth0 mtu': '-',
  },
);

check(
  'netplan: names, matches, both indentations, later files, and no route’s MTU',
  `==> /etc/netplan/50-cloud-init.yaml
# This file is generated from information provided by the datasource.
network:
    ethernets:
        eth0:
            dhcp4: true
            match:
                macaddress: 02:00:00:00:00:01
            mtu: 1500
            routes:
            -   mtu: 1300
                to: default
            set-name: eth0
    version: 2
==> /etc/netplan/60-tuning.yaml
network:
  version: 2
  ethernets:
    eth0:
      mtu: 9000   # jumbo
      receive-checksum-offload: false
      generic-receive-offload: "no"
    aws:
      match:
        driver: [ena, "vif*"]
      large-receive-offload: true
      mtu: 9001
    other:
      match: {name: "eth*"}
      mtu: 1280
`,
  {
    'eth0 mtu': '9000 /etc/netplan/60-tuning.yaml:5',
    'eth0 feature.rx-checksumming': 'off /etc/netplan/60-tuning.yaml:6',
    'eth0 feature.generic-receive-offload': 'off /etc/netplan/60-tuning.yaml:7',
    'eth0 feature.large-receive-offload': '-',
    'eth1 feature.large-receive-offload': 'on /etc/netplan/60-tuning.yaml:11',
    'eth1 mtu': '9001 /etc/netplan/60-tuning.yaml:12',
  },
);

check(
  'networkd: the MTU of the first .network file that matches wins over .link',
  `==> /etc/systemd/network/10-all.link
[Match]
OriginalName=*
[Link]
MTUBytes=1500
RxBufferSize=512
==> /etc/systemd/network/20-wired.network
[Match]
Name=eth0 en*

[Network]
DHCP=yes

[Link]
MTUBytes=9K
==> /etc/systemd/network/30-rest.network
[Match]
Name=*
[Link]
MTUBytes=1400
`,
  {
    'eth0 mtu': '9216 /etc/systemd/network/20-wired.network:8',
    'eth1 mtu': '1400 /etc/systemd/network/30-rest.network:4',
    'eth0 ring.rx': '512 /etc/systemd/network/10-all.link:5',
  },
);

check(
  'NetworkManager: profiles by name and by MAC address; an MTU of 0 is none',
  `==> /etc/NetworkManager/system-connections/one.nmconnection
[connection]
id=one
interface-name=eth0
[ethernet]
mtu=0
[ethtool]
feature-tso=false
==> /etc/NetworkManager/system-connections/two.nmconnection
[connection]
id=two
[ethernet]
mac-address=02:00:00:00:00:02
mtu=9000
`,
  {
    'eth0 mtu': '-',
    'eth0 feature.tcp-segmentation-offload': 'off /etc/NetworkManager/system-connections/one.nmconnection:7',
    'eth1 mtu': '9000 /etc/NetworkManager/system-connections/two.nmconnection:5',
  },
);
