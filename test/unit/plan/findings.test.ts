import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Finding} from '../../../engine/model/setting.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import type {Folklore} from '../../../engine/plan/sheet.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {exampleSheets, type Line} from '../../support/sheets.ts';

const findings = (
  facts: Facts,
  workload: readonly Line[] = [],
  variables: Record<string, unknown> = {},
  folklore: readonly Folklore[] = [],
): readonly Finding[] =>
  planHost(
    'h',
    facts,
    exampleSheets({workload, workloads: {'kernel-bypass': workload, forwarding: workload}, folklore}),
    parsePlanVariables(variables, () => undefined),
  ).findings;

const told = (found: readonly Finding[]): string[] => found.map(({code, grade, about}) => `${grade} ${code}: ${about}`);

const serving = (...names: readonly string[]): Facts =>
  exampleFacts({
    services: {
      services: names.map((name) => ({name, active: true, enabled: true})),
      files: [],
      tunedProfile: 'throughput-performance',
    },
  });

const withFiles = (...files: readonly Facts['services']['files'][number][]): Facts =>
  exampleFacts({services: {services: [], files}});

const SWAPPINESS: Line = {set: 'sysctl vm/swappiness', to: '10'};

test('TuneD is a conflict, and a notice where it may be taken over', (t) => {
  const [conflict] = findings(serving('tuned'), [SWAPPINESS]);
  t.is(conflict?.grade, 'conflict');
  t.regex(conflict?.message ?? '', /with profile throughput-performance/);
  t.deepEqual(told(findings(serving('tuned'), [SWAPPINESS], {linerate_take_over: 'tuned'})), ['notice tuned: tuned']);
  t.deepEqual(findings(serving('tuned')), []);
});

test('programs that write routing settings are told only where the plan has such', (t) => {
  const forwarding = [{set: 'sysctl net/ipv4/ip_forward', to: '1'}];
  t.deepEqual(told(findings(serving('docker', 'libvirtd', 'cloud-init'), forwarding)), [
    'conflict container-network: docker',
    'conflict container-network: libvirtd',
  ]);
  t.deepEqual(findings(serving('docker'), [SWAPPINESS]), []);
  t.deepEqual(told(findings(serving('cloud-init'), [{set: 'nic mtu', to: '9000'}])), [
    'conflict cloud-init: cloud-init',
  ]);
});

test('another sysctl.d file is named with what it sets otherwise; one that sorts behind ours wins', (t) => {
  const line = (at: string, value: string): Facts['sysctls']['configured'][number] => ({
    key: 'vm/swappiness',
    value,
    at,
    ignoreErrors: false,
  });
  const configured = (...lines: Facts['sysctls']['configured']): Facts => {
    const facts = exampleFacts();
    return {...facts, sysctls: {...facts.sysctls, configured: lines}};
  };
  const differs = findings(configured(line('/etc/sysctl.d/10-x.conf:3', '30')), [SWAPPINESS]);
  t.deepEqual(told(differs), ['notice sysctl-file-differs: /etc/sysctl.d/10-x.conf']);
  t.regex(differs[0]?.message ?? '', /sets vm\.swappiness = 30 otherwise/);
  t.deepEqual(told(findings(configured(line('/etc/sysctl.d/zz-x.conf:3', '30')), [SWAPPINESS])), [
    'conflict sysctl-file-wins: /etc/sysctl.d/zz-x.conf',
  ]);
  t.deepEqual(findings(configured(line('/etc/sysctl.d/10-x.conf:3', '10')), [SWAPPINESS]), []);
});

test('ufw’s own sysctl file wins over sysctl.d', (t) => {
  const facts = withFiles({path: '/etc/ufw/sysctl.conf', kind: 'ufw', text: 'net/ipv4/conf/all/rp_filter=1'});
  const made = {
    ...facts,
    sysctls: {live: {'net/ipv4/conf/all/rp_filter': {value: '2'}}, configured: []},
    services: {...facts.services, services: [{name: 'ufw', active: true, enabled: true}]},
  };
  t.deepEqual(told(findings(made, [{set: 'sysctl net/ipv4/conf/all/rp_filter', to: '2'}])), [
    'conflict sysctl-file-wins: /etc/ufw/sysctl.conf',
  ]);
});

test('a sysctl on the kernel’s command line differs, and sysctl.d wins over it', (t) => {
  const facts = exampleFacts();
  const boot = {...facts.boot, nextCommandLine: 'quiet sysctl.vm.swappiness=7'};
  const [found, ...others] = findings({...facts, boot: {...boot, commandLine: boot.nextCommandLine}}, [SWAPPINESS]);
  t.is(found?.message, '/boot/grub/grub.cfg sets vm.swappiness = 7 otherwise at boot');
  t.is(found?.code, 'sysctl-file-differs');
  t.deepEqual(others, []);
});

test('.link files, NetworkManager profiles and ifupdown hooks that set a NIC otherwise are conflicts', (t) => {
  const ring = [{set: 'nic ring.rx', to: '4096'}];
  const link = {
    path: '/etc/systemd/network/10-x.link',
    kind: 'link' as const,
    text: '[Match]\nOriginalName=ens*\n[Link]\nRxBufferSize=1024',
  };
  t.deepEqual(told(findings(withFiles(link), ring)), ['conflict nic-file-differs: /etc/systemd/network/10-x.link']);
  const profile = {
    path: '/etc/NetworkManager/system-connections/x.nmconnection',
    kind: 'networkmanager' as const,
    text: '[connection]\ninterface-name=ens1f0\n[ethtool]\nring-rx=512',
  };
  t.regex(findings(withFiles(profile), ring)[0]?.message ?? '', /sets ens1f0 ring rx = 512/);
  const hook = {
    path: '/etc/network/if-up.d/rings',
    kind: 'ifupdown' as const,
    text: 'ethtool -G "$IFACE" rx 256 tx 256',
  };
  t.deepEqual(told(findings(withFiles(hook), ring)), ['conflict nic-file-differs: /etc/network/if-up.d/rings']);
  t.deepEqual(findings(withFiles({...link, text: link.text.replace('1024', '4096')}), ring), []);
});

test('scripts that write what the plan has are named with what they write', (t) => {
  const script = {
    path: '/etc/rc.local',
    kind: 'rc.local' as const,
    text: 'echo 2 > /proc/irq/44/smp_affinity\nsysctl -w vm.swappiness=1',
  };
  const [found, ...others] = findings(withFiles(script), [SWAPPINESS, {set: 'rule irq', to: 'spread'}]);
  t.is(found?.message, 'a boot script, /etc/rc.local, sets interrupt affinity and sysctls too');
  t.deepEqual(others, []);
  t.deepEqual(findings(withFiles(script)), []);
});

test('netplan files are named where they set otherwise, CNI configurations where they touch the plan', (t) => {
  const netplan = {
    path: '/etc/netplan/01.yaml',
    kind: 'netplan' as const,
    text: 'network:\n  ethernets:\n    ens1f0:\n      mtu: 9000',
  };
  t.deepEqual(told(findings(withFiles(netplan), [{set: 'nic mtu', to: '1500'}])), [
    'conflict nic-file-differs: /etc/netplan/01.yaml',
  ]);
  t.deepEqual(findings(withFiles(netplan), [{set: 'nic mtu', to: '9000'}]), []);
  t.deepEqual(findings(withFiles(netplan), [SWAPPINESS]), []);
  const cni = {path: '/etc/cni/net.d/10.conflist', kind: 'cni' as const, text: '"name": "k8s",'};
  t.deepEqual(told(findings(withFiles(cni), [{set: 'sysctl net/ipv4/ip_forward', to: '1'}])), [
    'conflict script: /etc/cni/net.d/10.conflist',
  ]);
});

test('a host’s own words cannot reach the terminal as escape sequences', (t) => {
  const script = {path: '/etc/rc.d/\u001b[31mx', kind: 'rc.local' as const, text: 'sysctl -w a=1'};
  const [found] = findings(withFiles(script), [SWAPPINESS]);
  t.is(found?.about, String.raw`/etc/rc.d/\x1b[31mx`);
  t.false(found?.message.includes('\u001b'));
});

test('a PCIe link below what the card can do is harmful; a VF’s unknown link is not', (t) => {
  const nic = exampleNic();
  const linked = (given: Record<string, string>): Facts =>
    exampleFacts({nics: [nic.pci ? {...nic, pci: {...nic.pci, ...given}} : nic]});
  const narrow = {linkSpeed: '8.0 GT/s PCIe', linkWidth: '8', maxLinkSpeed: '16.0 GT/s PCIe', maxLinkWidth: '16'};
  t.deepEqual(
    findings(linked(narrow)).map(({grade, message}) => [grade, message]),
    [['harmful', 'the PCIe link of ens1f0 runs at 8.0 GT/s PCIe x8, and the card can do 16.0 GT/s PCIe x16']],
  );
  t.deepEqual(findings(linked({...narrow, linkSpeed: '16.0 GT/s PCIe', linkWidth: '16'})), []);
  t.deepEqual(
    findings(linked({linkSpeed: 'Unknown', linkWidth: '0', maxLinkSpeed: 'Unknown', maxLinkWidth: '255'})),
    [],
  );
});

test('a next boot with other arguments is told, whatever the loader adds', (t) => {
  const facts = exampleFacts();
  const boot = {...facts.boot, nextCommandLine: 'root=/dev/sda1 ro quiet isolcpus=2-3 nosmt'};
  t.deepEqual(
    findings({...facts, boot}).map(({message}) => message),
    ['the next boot adds isolcpus=2-3 nosmt: this host has not been rebooted since its boot entry changed'],
  );
  t.deepEqual(findings(facts), []);
});

test('what limits a plan on this platform is told', (t) => {
  const facts = exampleFacts();
  const user = {...facts, os: {...facts.os, user: {uid: 1000, name: 'ada'}}};
  t.deepEqual(
    findings(user).map(({message}) => message),
    ['probed as ada, not as root: some values may not have been readable'],
  );
  const readOnly = {...facts, platform: {...facts.platform, rootReadOnly: true}};
  t.deepEqual(told(findings(readOnly)), ['conflict read-only-root: /']);
  const ostree = {...facts, platform: {...facts.platform, rootReadOnly: true, immutable: 'ostree'}};
  t.deepEqual(told(findings(ostree)), ['notice immutable-root: /']);
  const secure = {...facts, platform: {...facts.platform, secureBoot: true}};
  t.deepEqual(told(findings(secure, [], {linerate_workload: 'kernel-bypass'})), ['notice lockdown: kernel']);
  t.deepEqual(findings(secure), []);
});

test('NICs that vfio can only take together are told for kernel bypass', (t) => {
  const [a, b] = [exampleNic({name: 'eth0'}), exampleNic({name: 'eth1', firstIrq: 300})];
  const grouped = exampleFacts({
    nics: [a, b].map((nic) => Object.assign({}, nic, {pci: {...nic.pci, iommuGroup: '7'}})),
  });
  t.deepEqual(told(findings(grouped, [], {linerate_workload: 'kernel-bypass'})), [
    'conflict iommu-group: nic eth0',
    'conflict iommu-group: nic eth1',
  ]);
  t.deepEqual(findings(grouped), []);
});

const LRO: Folklore = {
  set: 'nic feature.large-receive-offload',
  when: 'on',
  workloads: ['forwarding'],
  grade: 'harmful',
  message: 'LRO breaks forwarding',
  source: 'ixgbe.rst',
};

test('a driver that has a setting by itself for a reason is not blamed for it', (t) => {
  const row: Folklore = {
    set: 'nic feature.tcp-segmentation-offload',
    when: 'off',
    notDrivers: ['r8169'],
    grade: 'notice',
    message: 'the CPU cuts',
    source: 'x',
  };
  const found = (driver: string): number => {
    const features = {'tcp-segmentation-offload': {on: false, fixed: false}};
    const facts = exampleFacts({nics: [exampleNic({driver, features})]});
    return findings(facts, [], {}, [row]).filter(({code}) => code === 'folklore').length;
  };
  t.is(found('r8169'), 0);
  t.is(found('igb'), 1);
});

test('folklore is found by live and boot values, on the workloads that it hurts', (t) => {
  const nic = exampleNic({features: {'large-receive-offload': {on: true, fixed: false}}});
  const facts = exampleFacts({nics: [nic]});
  t.deepEqual(told(findings(facts, [], {linerate_workload: 'forwarding'}, [LRO])), [
    'harmful folklore: nic ens1f0 feature.large-receive-offload',
  ]);
  t.deepEqual(findings(facts, [], {}, [LRO]), []);
  t.deepEqual(findings(exampleFacts(), [], {linerate_workload: 'forwarding'}, [LRO]), []);
});

test('a refused value is refused whoever asks, unless it is allowed by name', (t) => {
  const row: Folklore = {
    set: 'boot mitigations',
    when: 'off',
    grade: 'harmful',
    message: 'gives up the CPU’s security fixes',
    source: 'x',
    refused: true,
  };
  const made = (variables: Record<string, unknown>, lines: readonly Line[] = []): readonly [unknown, unknown] => {
    const sheets = exampleSheets({workload: lines, folklore: [row]});
    const plan = planHost(
      'h',
      exampleFacts(),
      sheets,
      parsePlanVariables(variables, () => 'x.yml:1'),
    );
    return [
      plan.settings.map(({id, want}) => `${id}=${want}`),
      plan.blocks.map(({id, hint}) => `${id}: ${hint ?? ''}`),
    ];
  };
  const hint = 'boot mitigations: to have it all the same, put "mitigations=off" into linerate_allow';
  t.deepEqual(made({linerate_settings: {'boot mitigations': 'off'}}), [[], [hint]]);
  t.deepEqual(made({}, [{set: 'boot mitigations', to: 'off'}]), [[], [hint]]);
  t.deepEqual(made({linerate_settings: {'boot mitigations': 'off'}, linerate_allow: ['mitigations=off']}), [
    ['boot mitigations=off'],
    [],
  ]);
  t.deepEqual(made({linerate_settings: {'boot mitigations': 'off'}, linerate_allow: ['mitigations=auto']}), [
    [],
    [hint],
  ]);
  t.deepEqual(made({linerate_settings: {'boot mitigations': 'auto'}}), [['boot mitigations=auto'], []]);
});
