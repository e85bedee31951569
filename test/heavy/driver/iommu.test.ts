import test from 'ava';
import {bindingMachine, type BindingMachine} from '../../support/machines/binding.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';

let machine: Machine;
let on: BindingMachine;
let address: string;

const VIRTIO = 'enp129s0';
const VMXNET3 = 'ens1';
const MANAGEMENT = 'enp65s0';

test.before(async (t) => {
  t.timeout(1_800_000);
  machine = await bootMachine((line) => t.log(line), {iommu: true});
  on = bindingMachine(machine);
  address = await on.addressOf(VIRTIO);
});

test.after.always(async () => {
  await machine?.stop();
});

// All that linerate and its runs may have written; the probe itself writes nothing.
const NEWEST = String.raw`find /etc /var/lib/linerate /run/linerate* -printf '%C@ %p\n' 2>/dev/null | sort -n | tail -1`;

test.serial(
  'a NIC goes to vfio-pci under the IOMMU; a second run finds it by its name and writes nothing',
  async (t) => {
    t.timeout(900_000);
    const {status, stderr} = await on.bind('apply', VIRTIO, 'vfio-pci', '--yes');
    t.is(status, 0, stderr);
    t.is(await on.driverOf(address), 'vfio-pci');
    t.is(
      await on.say(
        `[ -c /dev/vfio/$(basename $(readlink /sys/bus/pci/devices/${address}/iommu_group)) ] && echo there`,
      ),
      'there',
    );
    const before = await on.say(NEWEST);
    const again = await on.bind('apply', VIRTIO, 'vfio-pci', '--yes');
    t.is(again.status, 0, again.stderr);
    t.regex(again.stdout, /changed=0/);
    t.is(await on.say(NEWEST), before);
    t.is((await on.bind('verify', address, 'vfio-pci')).status, 0, 'by its PCI address too');
  },
);

test.serial('the NIC of the connection is refused, and uio where the IOMMU translates', async (t) => {
  t.timeout(900_000);
  const management = await on.bind('apply', MANAGEMENT, 'vfio-pci', '--yes');
  t.regex(management.stdout + management.stderr, /enp65s0 carries the connection that this host is managed by/);
  const uio = await on.bind('apply', VMXNET3, 'uio_pci_generic', '--yes');
  t.regex(uio.stdout + uio.stderr, /the IOMMU translates its addresses/);
  t.is(await on.driverOf(await on.addressOf(VMXNET3)), 'vmxnet3');
});

const LOOK = [
  `ip -o link show ${VMXNET3} | sed 's/^[0-9]*//'`,
  `ethtool -g ${VMXNET3}`,
  `ethtool -k ${VMXNET3}`,
  `ethtool -x ${VMXNET3}`,
  `grep -H . /sys/class/net/${VMXNET3}/queues/*/rps_cpus /sys/class/net/${VMXNET3}/queues/*/xps_cpus`,
  `grep -l ${VMXNET3} /sys/kernel/irq/*/actions | sed 's,/sys/kernel/irq/,,; s,/actions,,' | while read -r i; do
     echo "$(cat /sys/kernel/irq/$i/actions) $(cat /proc/irq/$i/smp_affinity_list)"; done | sort`,
  'cat /sys/module/vfio/refcnt; ls /run/linerate-functions; cat /etc/linerate/hold.conf',
].join('; ');

test.serial(
  'a run that is not confirmed brings the NIC back with its name, rings, features and interrupts',
  async (t) => {
    t.timeout(900_000);
    const set = [
      `ethtool -G ${VMXNET3} rx 512 tx 1024`,
      `ethtool -K ${VMXNET3} gro off`,
      `ip link set ${VMXNET3} mtu 1400`,
      'sleep 3',
      `for i in $(ls /sys/class/net/${VMXNET3}/device/msi_irqs); do echo 5 >/proc/irq/$i/smp_affinity_list; done 2>/dev/null`,
      `echo 03 >/sys/class/net/${VMXNET3}/queues/rx-0/rps_cpus`,
    ];
    await machine.run(set.join('; '));
    const before = await on.say(LOOK);
    t.regex(before, /\b512\b/);
    const {status, stderr} = await on.bind('apply', VMXNET3, 'vfio-pci', '--yes', '--confirm-command', 'false');
    t.is(status, 2, stderr);
    await on.say('sleep 5');
    t.is(await on.say(LOOK), before);
  },
);

test.serial('after a reboot it is bound before its link was ever set up, and nothing has drifted', async (t) => {
  t.timeout(900_000);
  await machine.reboot();
  t.is(await on.driverOf(address), 'vfio-pci');
  t.is(await on.say('systemctl is-active linerate-driver.service'), 'active');
  t.notRegex(await on.say(`journalctl -b -o cat -u systemd-networkd 2>/dev/null`), new RegExp(`${VIRTIO}: Link UP`));
  const verified = await on.bind('verify', VIRTIO, 'vfio-pci');
  t.is(verified.status, 0, verified.stdout);
});

test.serial('at boot another NIC at the address is left alone', async (t) => {
  t.timeout(900_000);
  const back = `d=/sys/bus/pci/devices/${address}; echo >$d/driver_override; echo ${address} >$d/driver/unbind; echo ${address} >/sys/bus/pci/drivers_probe; sleep 3`;
  const other = `sed 's/52:54:00:00:00:02/52:54:00:00:00:99/' -i.kept /etc/linerate/hold.conf; sh /etc/linerate/driver.sh 2>&1; echo "status $?"`;
  const said = await on.say(`${back}; ${other}; mv /etc/linerate/hold.conf.kept /etc/linerate/hold.conf`);
  t.regex(said, /is another NIC than it was: 52:54:00:00:00:02, not 52:54:00:00:00:99\nstatus 1$/);
  t.is(await on.driverOf(address), 'virtio-pci');
  t.is(await on.say('sh /etc/linerate/driver.sh 2>&1; echo "status $?"'), 'status 0');
  t.is(await on.driverOf(address), 'vfio-pci');
});

test.serial('a rollback gives it back to the kernel under its name, up, and nothing of it is left', async (t) => {
  t.timeout(900_000);
  const {status, stdout, stderr} = await on.linerate('rollback', '--yes');
  t.is(status, 0, stdout + stderr);
  t.is(await on.driverOf(address), 'virtio-pci');
  t.is(await on.addressOf(VIRTIO), address);
  t.regex(await on.say(`ip -o link show ${VIRTIO}`), /[<,]UP[,>]/);
  t.is(await on.say('grep -s ^driver /etc/linerate/hold.conf; ls /run/linerate-functions'), '');
  t.is(await on.say('systemctl is-enabled linerate-driver.service 2>/dev/null'), '');
});
