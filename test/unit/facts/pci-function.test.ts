import {spawnSync} from 'node:child_process';
import test from 'ava';
import {askedOf, parseAsked} from '../../../engine/facts/asked.ts';
import {parseFrames} from '../../../engine/facts/frames.ts';
import {functionScript, parseFunction, USER_OF, type FunctionState} from '../../../engine/facts/pci-function.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import {SHELLS} from '../../support/sandbox.ts';

const ADDRESS = '0000:03:00.0';
const ID = `driver ${ADDRESS}`;

// A tree in the place of sysfs: the kernel's own has what this machine happens to have.
const TREE = String.raw`
mount -t tmpfs none /sys
cd /sys
put() { mkdir -p "${'$'}{1%/*}"; printf '%s\n' "$2" >"$1"; }
device() {
  put "bus/pci/devices/$1/vendor" 0x8086
  put "bus/pci/devices/$1/device" "$2"
  put "bus/pci/devices/$1/class" "$3"
  put "bus/pci/devices/$1/driver_override" '(null)'
  mkdir -p "bus/pci/drivers/$4" kernel/iommu_groups/12/devices
  ln -s "../../drivers/$4" "bus/pci/devices/$1/driver"
  ln -s ../../../../kernel/iommu_groups/12 "bus/pci/devices/$1/iommu_group"
  ln -s "../../../../bus/pci/devices/$1" "kernel/iommu_groups/12/devices/$1"
}
device ${ADDRESS} 0x1592 0x020000 ice
device 0000:03:00.1 0x1592 0x020000 ice
device 0000:00:1c.0 0xa110 0x060400 pcieport
put kernel/iommu_groups/12/type DMA-FQ
mkdir -p bus/pci/drivers/vfio-pci
head -c 61 /dev/zero >bus/pci/devices/${ADDRESS}/config
printf '\001\0\0' >>bus/pci/devices/${ADDRESS}/config
cd /
`;

const read = (shell: string, tree: string, want: string, module: string): FunctionState | undefined => {
  const script = probeScript([functionScript(ID, ADDRESS, want, module)], {token: 'T', root: ''});
  const run = spawnSync('unshare', ['-Urm', 'sh', '-c', `set -e\n${tree}\nexec ${shell}`], {
    input: script,
    encoding: 'utf8',
  });
  if (run.error || run.status !== 0 || run.stderr !== '')
    throw new Error(`the namespace (unshare of util-linux) failed: ${run.error?.message ?? run.stderr}`);
  const text = askedOf({asked: parseAsked(parseFrames(run.stdout, 'T'))}, ID);
  return text === undefined ? undefined : parseFunction(text);
};

for (const shell of SHELLS) {
  test(`a function and its IOMMU group by ${shell}`, (t) => {
    t.deepEqual(read(shell, TREE, 'vfio-pci', 'vfio-pci'), {
      ids: '8086:1592',
      class: '0x020000',
      driver: 'ice',
      group: {number: '12', noIommu: false, type: 'DMA-FQ'},
      members: [
        {address: '0000:00:1c.0', class: '0x060400', driver: 'pcieport'},
        {address: '0000:03:00.1', class: '0x020000', driver: 'ice'},
      ],
      virtualFunction: false,
      legacyInterrupt: true,
      wanted: 'vfio-pci',
      available: true,
    });
  });

  test(`a function that vfio holds without an IOMMU, and one that is not there, by ${shell}`, (t) => {
    const tree = `${TREE}
d=/sys/bus/pci/devices/${ADDRESS}
rm $d/driver && ln -s ../../drivers/vfio-pci $d/driver
echo vfio-noiommu >/sys/kernel/iommu_groups/12/name
mkdir -p /sys/module/vfio/parameters && echo Y >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
ln -s ../x $d/physfn && mkdir /sys/bus/pci/devices/x`;
    const found = read(shell, tree, 'kernel', '');
    t.like(found, {driver: 'vfio-pci', group: {number: '12', noIommu: true}, virtualFunction: true});
    t.like(found, {noIommuSwitch: true, available: true, wanted: 'kernel'});
    t.is(found?.user, undefined, 'nobody has it open');
    t.is(read(shell, 'mount -t tmpfs none /sys', 'vfio-pci', 'vfio-pci'), undefined);
  });

  test(`who has a node open is found by its name, by ${shell}`, (t) => {
    const script = `${USER_OF}\n(exec 7</dev/zero; user_of /dev/vfio/12 /dev/zero >/tmp/x; cat /tmp/x)`;
    const words = ['-Urmpf', '--mount-proc', 'sh', '-c', `mount -t tmpfs none /tmp && exec ${shell}`];
    const run = spawnSync('unshare', words, {input: script, encoding: 'utf8'});
    t.regex(run.stdout, /^\d+\n$/, run.stderr);
    const none = spawnSync('unshare', words, {input: `${USER_OF}\nuser_of /dev/vfio/12`, encoding: 'utf8'});
    t.is(none.stdout, '', none.stderr);
  });
}
