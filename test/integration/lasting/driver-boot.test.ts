import test from 'ava';
import {GIVE} from '../../../engine/resources/driver-script.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {TEMPLATES} from '../../support/lasting.ts';
import {inSandbox, SHELLS} from '../../support/sandbox.ts';

const ADDRESS = '0000:03:00.0';
const LINE = `driver ${ADDRESS} = vfio-pci 8086:1592 ens1f0 02:00:00:00:00:01 up`;

const script = (): string => {
  const template = TEMPLATES.get('driver.sh');
  if (!template) throw new Error('there is no template driver.sh');
  return template({hold: '/etc/linerate/hold.conf', script: '', give: GIVE});
};

/** Runs the boot script where sysfs holds one function with an interface; its words, its status and the driver then. */
const atBoot = (shell: string, line: string, change = ':'): readonly string[] => {
  const said = inSandbox(`
mount -t tmpfs none /sys
d=/sys/bus/pci/devices/${ADDRESS}
mkdir -p $d/net/ens1f0 /sys/class/net/ens1f0 /sys/bus/pci/drivers/ice /sys/bus/pci/drivers/vfio-pci /etc/linerate
echo 0x8086 >$d/vendor
echo 0x1592 >$d/device
echo '(null)' >$d/driver_override
echo 02:00:00:00:00:01 >/sys/class/net/ens1f0/address
ln -s ../../drivers/ice $d/driver
printf 'host\\nthp enabled = madvise\\n# a comment\\n%s\\n' ${shellQuote(line)} >/etc/linerate/hold.conf
printf %s ${shellQuote(script())} >/etc/linerate/driver.sh
${change}
${shell} /etc/linerate/driver.sh 2>&1
echo "status $?"
cat $d/driver_override
`);
  return said.trim().split('\n');
};

for (const shell of SHELLS) {
  test(`at boot a function that is another one than it was is left alone, by ${shell}`, (t) => {
    t.deepEqual(atBoot(shell, LINE.replace('8086:1592', '8086:1572')), [
      `linerate: ${ADDRESS} is another device than it was: 8086:1592, not 8086:1572`,
      'status 1',
      '(null)',
    ]);
    t.deepEqual(atBoot(shell, LINE.replace('00:01 up', '00:02 up')), [
      `linerate: ens1f0 at ${ADDRESS} is another NIC than it was: 02:00:00:00:00:01, not 02:00:00:00:00:02`,
      'status 1',
      '(null)',
    ]);
    t.deepEqual(atBoot(shell, LINE.replace(ADDRESS, '0000:04:00.0')), [
      'linerate: 0000:04:00.0 is not there, which was ens1f0',
      'status 1',
      '(null)',
    ]);
  });

  test(`at boot vfio-pci gets nothing without an IOMMU, and what it has already stays, by ${shell}`, (t) => {
    t.deepEqual(atBoot(shell, LINE), [
      `linerate: ${ADDRESS} is in no IOMMU group: no IOMMU is on, or it leaves this function out`,
      'status 1',
      '(null)',
    ]);
    const held = `rm -r $d/driver $d/net && ln -s ../../drivers/vfio-pci $d/driver`;
    t.deepEqual(atBoot(shell, LINE, held), ['status 0', '(null)']);
    t.deepEqual(atBoot(shell, LINE.replace('vfio-pci', 'kernel')), ['status 0', '(null)']);
  });

  test(`a line that is none is told, by ${shell}`, (t) => {
    t.deepEqual(atBoot(shell, `driver ${ADDRESS} = vfio-pci`), [
      `linerate: /etc/linerate/hold.conf: driver ${ADDRESS} = vfio-pci`,
      'status 1',
      '(null)',
    ]);
  });
}
