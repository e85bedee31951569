import test from 'ava';
import {treeFixture} from '../../support/text-tree.ts';
import {factsOfTree, onHost, RUN, startOf, trialIn} from './boot-host.ts';

const PLAIN = "'root=/dev/vda1 ro quiet'";
const TRIAL = `/bin/sh /var/lib/linerate/runs/${RUN}/trial.sh`;
const LEFT = 'snapshot | diff /mnt/before - && echo as before';
const ENTRIES = '/boot/loader/entries';

// Recorded trees of Red Hat's kind: what a real GRUB there makes of them cannot be tested here.
const rhel = (name: string) => factsOfTree(treeFixture(name), {id: 'rocky', idLike: ['rhel', 'centos', 'fedora']});

const GRUB2 = `
for tool in editenv probe; do
  printf '#!/bin/sh\\nexec grub-%s "$@"\\n' $tool >/usr/local/sbin/grub2-$tool && chmod 755 /usr/local/sbin/grub2-$tool
done`;

const armed = (tree: string, start: string, script: string, before = ':'): string =>
  onHost(
    tree,
    `mount -t tmpfs sandbox /usr/local/sbin; ${GRUB2}; ${before}; snapshot >/mnt/before
    sh </mnt/script >/mnt/answer; settled awaiting; called reboot
    ${script}`,
    start,
  );

const RHEL8 = treeFixture('boot-rhel8');

test('RHEL 8: a copy of the saved entry, its variables spelled out, chosen by next_entry in GRUB’s environment', (t) => {
  const output = armed(
    RHEL8,
    startOf(trialIn(rhel('boot-rhel8'))),
    `cat ${ENTRIES}/A-linerate-trial.conf; grub-editenv /boot/grub2/grubenv list | grep next_entry
    grub-editenv /boot/grub2/grubenv set next_entry=
    rebooted two ${PLAIN}; ${TRIAL} ended; ${LEFT}`,
    // The fixture's is not as long as the real one.
    'grub-editenv /boot/grub2/grubenv create; grub-editenv /boot/grub2/grubenv set saved_entry=0f7a-4.18.0-513.5.1.el8_9.x86_64',
  );
  t.is(
    output,
    `title linerate trial
options root=/dev/mapper/rhel-root ro crashkernel=auto resume=/dev/mapper/rhel-swap isolcpus=2-3 nosmt panic=30 rd.shell=0 rd.emergency=reboot systemd.wants=linerate-trial.service linerate.trial=${RUN}
linux /vmlinuz-4.18.0-513.5.1.el8_9.x86_64
initrd /initramfs-4.18.0-513.5.1.el8_9.x86_64.img $tuned_initrd
next_entry=A-linerate-trial
as before
`,
  );
});

test('a loader that reads the trial’s entry too still starts the one that it started before', (t) => {
  const entry = `==> ${ENTRIES}/A-linerate-trial.conf\ntitle linerate trial\noptions trial\nlinux /vmlinuz\n`;
  for (const [name, of] of [
    ['boot-rhel8', rhel],
    ['boot-amazon-linux-2023', rhel],
  ] as const) {
    const before = of(name).boot;
    const {boot} = factsOfTree(`${treeFixture(name)}\n${entry}`);
    t.deepEqual([boot.configuredIn[0], boot.nextCommandLine], [before.configuredIn[0], before.nextCommandLine], name);
  }
  const systemdBoot = treeFixture('boot-systemd-boot');
  const beside = entry.replace('/boot/', '/efi/');
  t.is(factsOfTree(`${systemdBoot}\n${beside}`).boot.nextCommandLine, factsOfTree(systemdBoot).boot.nextCommandLine);
  const unnamed = `==> /efi/loader/loader.conf\ntimeout 3\n==> /efi/loader/entries/debian.conf\noptions own\nlinux /x\n`;
  t.is(factsOfTree(`${unnamed}${beside}`).boot.nextCommandLine, 'own', 'by the order of names alone');
});

test('a menu that heeds no choice for one boot is refused', (t) => {
  const output = onHost(
    treeFixture('boot-amazon-linux-2023'),
    `mount -t tmpfs sandbox /usr/local/sbin; ${GRUB2}
    grub-editenv /boot/grub2/grubenv create; printf 'linux /vmlinuz\\n' >>${ENTRIES}/ec2-6.1.112-122.189.amzn2023.x86_64.conf
    snapshot >/mnt/before; sh </mnt/script; ${LEFT}`,
    startOf(trialIn(rhel('boot-amazon-linux-2023'))),
  );
  t.regex(output, /^refused cannot-try .* heeds no choice for one boot\nend\nas before\n$/);
});

// The firmware's variables as systemd-boot and bootctl have them: four bytes of attributes, then UTF-16.
const BOOTCTL = String.raw`
mount -t tmpfs sandbox /sys/firmware && mkdir -p /sys/firmware/efi/efivars
once=/sys/firmware/efi/efivars/LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
mount -t tmpfs sandbox /usr/local/sbin
cat >/usr/local/sbin/bootctl <<'END'
#!/bin/sh
once=/sys/firmware/efi/efivars/LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
[ "$1" = set-oneshot ] || exit 1
if [ -z "$2" ]; then rm -f "$once"; else { printf '\007\000\000\000'; printf '%s' "$2" | sed 's/./&\n/g' | tr '\n' '\000'; } >"$once"; fi
END
chmod 755 /usr/local/sbin/bootctl`;

const SYSTEMD_BOOT = treeFixture('boot-systemd-boot')
  .replaceAll('/efi/', '/boot/')
  .replaceAll('newest', 'newest\nlinux /vmlinuz');

test('systemd-boot: a copy beside the entry that its pattern chooses, started once by the firmware’s variable', (t) => {
  const output = onHost(
    SYSTEMD_BOOT,
    `${BOOTCTL}
    snapshot >/mnt/before
    sh </mnt/script >/mnt/answer; settled awaiting; called reboot
    cat ${ENTRIES}/A-linerate-trial.conf; tail -c +5 "$once" | tr -d '\\000'; echo
    rm "$once"; rebooted two ${PLAIN}; ${TRIAL} ended; ${LEFT}; head -n 1 /var/lib/linerate/runs/${RUN}/state`,
    startOf(trialIn(factsOfTree(SYSTEMD_BOOT))),
  );
  t.is(
    output,
    `title linerate trial
options root=PARTUUID=1 newest isolcpus=2-3 nosmt panic=30 rd.shell=0 rd.emergency=reboot systemd.wants=linerate-trial.service linerate.trial=${RUN}
linux /vmlinuz
A-linerate-trial.conf
as before
undone
`,
  );
});
