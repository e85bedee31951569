import test from 'ava';
import {bindingMachine, type BindingMachine} from '../../support/machines/binding.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';

let machine: Machine;
let on: BindingMachine;
let address: string;

const VMXNET3 = 'ens1';

test.before(async (t) => {
  t.timeout(1_800_000);
  machine = await bootMachine((line) => t.log(line));
  on = bindingMachine(machine);
  address = await on.addressOf(VMXNET3);
});

test.after.always(async () => {
  await machine?.stop();
});

test.serial('vfio-pci is refused, and without an IOMMU too by a kernel that cannot', async (t) => {
  t.timeout(900_000);
  const vfio = await on.bind('apply', VMXNET3, 'vfio-pci', '--yes');
  t.regex(vfio.stdout + vfio.stderr, /this host has no IOMMU, which vfio-pci needs/);
  const without = await on.bind('apply', VMXNET3, 'vfio-pci-noiommu', '--yes');
  t.regex(without.stdout + without.stderr, /this kernel's vfio cannot work without an IOMMU/);
});

test.serial('uio_pci_generic takes a NIC, and gives it back with its name once nobody has it open', async (t) => {
  t.timeout(900_000);
  const {status, stderr} = await on.bind('apply', VMXNET3, 'uio_pci_generic', '--yes');
  t.is(status, 0, stderr);
  t.is(await on.driverOf(address), 'uio_pci_generic');
  const pid = await on.say('nohup sh -c "exec 7</dev/uio0; exec sleep 600" >/dev/null 2>&1 & echo $!');
  const refused = await on.bind('apply', VMXNET3, 'kernel', '--yes');
  t.regex(refused.stdout + refused.stderr, /process \d+ has it open/);
  await on.say(`kill ${pid}`);
  const back = await on.bind('apply', VMXNET3, 'kernel', '--yes');
  t.is(back.status, 0, back.stderr);
  t.is(await on.driverOf(address), 'vmxnet3');
  t.is(await on.addressOf(VMXNET3), address);
  t.regex(await on.say(`ip -o link show ${VMXNET3}`), /[<,]UP[,>]/);
  t.is((await on.bind('verify', VMXNET3, 'kernel')).status, 0);
});
