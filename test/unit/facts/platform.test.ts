import test from 'ava';
import {platform} from '../../../engine/facts/platform.ts';
import {type Answers, framesOf} from '../../support/host-frames.ts';

const DMI = '/sys/class/dmi/id';
const SECURE_BOOT = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
const LOCKDOWN = '/sys/kernel/security/lockdown';
const uptime = {'/proc/uptime': '1.00 1.00'};

const parse = (answers: Answers): ReturnType<typeof platform.parse> =>
  platform.parse(framesOf({...answers, files: {...uptime, ...answers.files}}));

const machine = (fields: Readonly<Record<string, string>>, runs: Answers['runs'] = {}) =>
  parse({files: Object.fromEntries(Object.entries(fields).map(([name, text]) => [`${DMI}/${name}`, text])), runs});

const missing = {status: 127, output: 'systemd-detect-virt: not found'};

test('EC2, with the instance type', (t) => {
  t.like(machine({sys_vendor: 'Amazon EC2', product_name: 'c7gn.16xlarge'}, {'virtual-machine': 'amazon'}), {
    virtualisation: 'amazon',
    cloud: 'ec2',
    instanceType: 'c7gn.16xlarge',
    vendor: 'Amazon EC2',
    product: 'c7gn.16xlarge',
  });
  t.is(machine({bios_version: '4.11.amazon', sys_vendor: 'Xen'}).cloud, 'ec2');
});

test('other clouds by what their firmware says', (t) => {
  const azure = {sys_vendor: 'Microsoft Corporation', product_name: 'Virtual Machine'};
  t.is(machine({...azure, chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77'}).cloud, 'azure');
  t.is(machine({...azure, chassis_asset_tag: '1234'}).cloud, undefined, 'Hyper-V at home');
  t.is(machine({sys_vendor: 'Google', product_name: 'Google Compute Engine'}).cloud, 'gcp');
  t.is(machine({sys_vendor: 'OpenStack Foundation', product_name: 'OpenStack Nova'}).cloud, 'openstack');
  t.is(machine({sys_vendor: 'RDO', product_name: 'OpenStack Compute'}).cloud, 'openstack');
  t.is(machine({sys_vendor: 'Hetzner', product_name: 'vServer'}).cloud, 'other');
  t.is(machine({sys_vendor: 'QEMU', chassis_asset_tag: 'OracleCloud.com'}).cloud, 'other');
  const server = machine({sys_vendor: 'Dell Inc.', product_name: 'PowerEdge R650'});
  t.deepEqual([server.cloud, server.instanceType, server.virtualisation], [undefined, undefined, 'none']);
});

test('the hypervisor by systemd, else by the firmware, else by Xen itself', (t) => {
  t.is(machine({sys_vendor: 'QEMU'}, {'virtual-machine': 'kvm'}).virtualisation, 'kvm');
  t.is(machine({}, {'virtual-machine': {status: 1, output: 'none'}}).virtualisation, 'none');
  t.is(machine({sys_vendor: 'VMware, Inc.'}, {'virtual-machine': missing}).virtualisation, 'vmware');
  t.is(machine({sys_vendor: 'QEMU'}).virtualisation, 'qemu');
  t.is(parse({files: {'/sys/hypervisor/type': 'xen\n'}}).virtualisation, 'xen');
});

test('a container is one only in a PID namespace of its own', (t) => {
  const marks = {platform: ['/.dockerenv']};
  t.is(parse({lists: marks, runs: {container: 'docker'}}).container, 'docker');
  t.is(parse({lists: marks, runs: {'machine-namespace': 'yes'}}).container, undefined);
  t.is(parse({runs: {container: {status: 1, output: 'none'}}}).container, undefined);
  t.is(parse({lists: marks, runs: {container: missing}}).container, 'docker');
  t.is(parse({lists: {platform: ['/run/.containerenv']}}).container, 'podman');
  t.is(parse({lists: {platform: ['/run/systemd/container']}}).container, 'container-other');
  const image = platform.parse(framesOf({lists: marks}));
  t.is(image.container, undefined, 'an image that was made from one');
  t.deepEqual(image.secureBoot, {unknown: 'not a running system'});
});

test('Secure Boot from the firmware variable', (t) => {
  const lists = {platform: ['/sys/firmware/efi', SECURE_BOOT]};
  t.true(parse({lists, runs: {'secure-boot': '   6   0   0   0   1'}}).secureBoot);
  t.false(parse({lists, runs: {'secure-boot': '   6   0   0   0   0'}}).secureBoot);
  t.deepEqual(parse({lists, runs: {'secure-boot': missing}}).secureBoot, {
    unknown: 'the firmware variable SecureBoot could not be read',
  });
  t.false(parse({}).secureBoot, 'started by a BIOS');
});

test('lockdown, where securityfs tells', (t) => {
  const lockdown = (text: string) => parse({files: {[LOCKDOWN]: text}}).lockdown;
  t.is(lockdown('[none] integrity confidentiality\n'), 'none');
  t.is(lockdown('none [integrity] confidentiality\n'), 'integrity');
  t.is(lockdown('none integrity [confidentiality]\n'), 'confidentiality');
  t.is(parse({absent: [LOCKDOWN], lists: {platform: ['/sys/kernel/security/lsm']}}).lockdown, 'none');
  t.deepEqual(parse({refused: {[LOCKDOWN]: 'Permission denied'}}).lockdown, {
    unknown: `${LOCKDOWN}: Permission denied`,
  });
});

test('SELinux and how the root is kept', (t) => {
  t.is(parse({files: {'/sys/fs/selinux/enforce': '1'}}).selinux, 'enforcing');
  t.is(parse({files: {'/sys/fs/selinux/enforce': '0'}}).selinux, 'permissive');
  t.is(parse({}).selinux, 'disabled');
  const readOnly = {'/proc/mounts': 'rootfs / rootfs rw 0 0\n/dev/sda2 / btrfs ro,relatime 0 0\n'};
  const micro = parse({files: readOnly, lists: {platform: ['/usr/sbin/transactional-update']}});
  t.like(micro, {rootReadOnly: true, immutable: 'transactional'});
  t.is(parse({lists: {platform: ['/run/ostree-booted']}}).immutable, 'ostree');
  t.is(parse({files: {'/etc/os-release': 'ID=nixos\n'}}).immutable, 'nixos');
  t.false('immutable' in parse({}));
});
