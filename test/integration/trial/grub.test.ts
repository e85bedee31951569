import test from 'ava';
import {SHELLS} from '../../support/sandbox.ts';
import {factsOfTree, grubConfig, onHost, RUN, startOf, trialIn} from './boot-host.ts';

const CONFIG = grubConfig();
const tree = (config: string, more = ''): string => `==> /boot/grub/grub.cfg\n${config}${more}`;
const START = startOf(trialIn(factsOfTree(tree(CONFIG))));

const PLAIN = "'root=/dev/vda1 ro quiet'";
const ON_TRIAL = `'root=/dev/vda1 ro quiet isolcpus=2-3 nosmt panic=30 linerate.trial=${RUN}'`;
const TRIAL = `/bin/sh /var/lib/linerate/runs/${RUN}/trial.sh`;
const ENVIRONMENT = 'grub-editenv /boot/grub/grubenv create';
// What GRUB itself does when it starts the choice of one boot.
const GRUB_BOOTS = 'grub-editenv /boot/grub/grubenv set next_entry=';

/** Runs a script on a host whose trial is armed and which goes down; `before` is made before the snapshot. */
const armed = (script: string, before = ':', config = CONFIG): string =>
  onHost(
    tree(config),
    `${ENVIRONMENT}; ${before}
    snapshot >/mnt/before
    sh </mnt/script >/mnt/answer
    settled awaiting; called reboot
    ${script}`,
    START,
  );

const STATE = `head -n 1 /var/lib/linerate/runs/${RUN}/state; grep ^undo /var/lib/linerate/runs/${RUN}/log || :`;
const LEFT = 'snapshot | diff /mnt/before - && echo as before';

for (const shell of SHELLS)
  test(`${shell}: the trial's entry boots once, with its arguments, and leaves no byte behind`, (t) => {
    const [program = ''] = shell.split(' ');
    const output = armed(
      `systemd-analyze verify /etc/systemd/system/linerate-trial*.service 2>&1
      cat /boot/grub/custom.cfg; grub-script-check /boot/grub/custom.cfg && grub-editenv /boot/grub/grubenv list
      ${GRUB_BOOTS}; rebooted two ${PLAIN}; ${TRIAL} ended; ${STATE}; ${LEFT}`,
      `mount --bind "$(command -v ${program})" /bin/sh`,
    );
    const [before = '', after = ''] = output.split('# linerate trial: end\n');
    t.regex(
      before,
      /^# linerate trial: begin\nmenuentry "linerate trial" --id linerate-trial \{\n/,
      'systemd has nothing to say of the units',
    );
    t.regex(
      before,
      new RegExp(
        String.raw`^\tlinux /vmlinuz-6.1.0-30-amd64 root=/dev/vda1 ro quiet isolcpus=2-3 nosmt panic=30 systemd\.wants=linerate-trial\.service linerate\.trial=${RUN}$`,
        'm',
      ),
    );
    t.regex(before, /^\tinitrd\t\/initrd\.img-6\.1\.0-30-amd64$/m);
    t.regex(before, /^\s*search --no-floppy .*6a4f0d3e/m);
    t.is(
      after,
      'next_entry=linerate-trial\nundone\nundo the trial boot did not come up; the host is back on its earlier boot\nas before\n',
    );
  });

/** The entry that is made for a grub.cfg, or why none is. */
const entryFor = (config: string, environment = ''): string => {
  const files = tree(config, environment === '' ? '' : `\n==> /boot/grub/grubenv\n${environment}\n`);
  return onHost(
    tree(config),
    `${ENVIRONMENT}; sh </mnt/script >/mnt/answer; settled awaiting; cat /boot/grub/custom.cfg; grub-script-check /boot/grub/custom.cfg`,
    startOf(trialIn(factsOfTree(files))),
  );
};

test('whichever entry is the default is the one that is copied: by place, by id, saved', (t) => {
  const older = /^\tlinux \/vmlinuz-6\.1\.0-28-amd64 root=\/dev\/vda1 ro quiet isolcpus=2-3/m;
  t.regex(entryFor(grubConfig(['GRUB_DEFAULT="1>2"'])), older);
  const uuid = '6a4f0d3e-1b2c-4d5e-8f90-a1b2c3d4e5f6';
  const id = `gnulinux-advanced-${uuid}>gnulinux-6.1.0-28-amd64-advanced-${uuid}`;
  t.regex(entryFor(grubConfig([`GRUB_DEFAULT='${id}'`])), older);
  const saved = entryFor(grubConfig(['GRUB_DEFAULT=saved', 'GRUB_SAVEDEFAULT=true']), `saved_entry=${id}`);
  t.regex(saved, older);
  t.notRegex(saved, /savedefault/, 'a trial is nobody’s saved default');
});

test('an entry that anybody may start stays so, and arguments that are replaced go wherever they stood', (t) => {
  const config = grubConfig(['GRUB_CMDLINE_LINUX="isolcpus=1 quiet nosmt"'])
    .replaceAll('--class os', '--class os --unrestricted')
    .replace('### BEGIN', 'set superusers="root"\n### BEGIN');
  const entry = entryFor(config);
  t.regex(entry, /^menuentry "linerate trial" --id linerate-trial --unrestricted \{$/m);
  t.regex(entry, /ro quiet isolcpus=2-3 nosmt panic=30/);
});

test('an entry of two branches, as Ubuntu’s cloud images have: both are tried, and GRUB remembers nothing of it', (t) => {
  const line = (more = ''): string => `linux\t/vmlinuz-6.8.0-45-aws root=PARTUUID=26f2 ro  console=ttyS0${more}`;
  const entry = entryFor(`if [ "\${next_entry}" ] ; then
  set default="\${next_entry}"
fi
menuentry 'Ubuntu' --class os $menuentry_id_option 'gnulinux-simple' {
	recordfail
	if [ "\${initrdfail}" = 1 ]; then
	  ${line()}
	  initrd\t/initrd.img-6.8.0-45-aws
	else
	  ${line(' panic=-1')}
	fi
	initrdfail
}
source $prefix/custom.cfg
`);
  t.is(entry.match(/^\tlinux \S+ root=PARTUUID=26f2 ro console=ttyS0 isolcpus=2-3 nosmt panic=30 .*$/gm)?.length, 2);
  t.notRegex(entry, /panic=-1|^\s*initrdfail$/m);
});

test('a custom.cfg of the user’s stays as it was, and what somebody adds to it meanwhile too', (t) => {
  const own = String.raw`printf 'menuentry "mine" {\n\ttrue\n}\n' >/boot/grub/custom.cfg; chmod 640 /boot/grub/custom.cfg`;
  const ended = `${GRUB_BOOTS}; rebooted two ${PLAIN}; ${TRIAL} ended`;
  t.is(armed(`grep -c mine /boot/grub/custom.cfg; ${ended}; ${LEFT}`, own), '1\nas before\n');
  const output = armed(
    `echo '# later' >>/boot/grub/custom.cfg; ${ended}; cat /boot/grub/custom.cfg; stat -c %a /boot/grub/custom.cfg`,
    own,
  );
  t.is(output, 'menuentry "mine" {\n\ttrue\n}\n# later\n640\n');
});

test('a next_entry that was there, empty, stays there', (t) => {
  const ended = `${GRUB_BOOTS}; rebooted two ${PLAIN}; ${TRIAL} ended`;
  t.is(armed(`${ended}; ${LEFT}`, GRUB_BOOTS), 'as before\n');
});

/** What a host answers that refuses; it must be as before. */
const refused = (before: string, config = CONFIG): string =>
  onHost(
    tree(config),
    `${ENVIRONMENT}; ${before}; snapshot >/mnt/before; sh </mnt/script; ${LEFT}; ls /run/linerate`,
    START,
  );

test('where GRUB cannot take the choice back, nothing is begun', (t) => {
  t.is(
    refused(String.raw`printf 'diskfilter\nmdraid1x\n' >/mnt/on`),
    'refused cannot-try GRUB cannot write /boot/grub/grubenv: it lies on diskfilter mdraid1x\nend\nas before\n',
  );
  t.regex(refused('echo lvm >/mnt/on'), /^refused cannot-try .* lies on lvm/);
  t.regex(refused('echo btrfs >/mnt/type'), /^refused cannot-try .* lies on btrfs\n/);
  t.regex(refused('rm /boot/grub/grubenv'), /^refused cannot-try there is no \/boot\/grub\/grubenv/);
  t.regex(refused('grub-editenv /boot/grub/grubenv set next_entry=1'), /^refused cannot-try .*"1" once already\n/);
  t.regex(refused('rmdir /run/systemd/system'), /^refused no-systemd/);
});

test('one trial at a time', (t) => {
  const armedUnit = '/etc/systemd/system/linerate-trial-end.service';
  t.is(refused(`touch ${armedUnit}`), `refused trial-armed ${armedUnit}\nend\nas before\n`);
  const goesOn = `mkdir -p /run/linerate/other && ln -s :other /run/linerate/lock &&
    { read -r _ </proc/1/stat; set -- $(cat /proc/1/stat); echo "1 \${22} one" >/run/linerate/other/guard; }`;
  t.regex(refused(goesOn), /^refused locked other\nend\nas before\n/);
});

test('an entry that is no longer there, or a menu that reads no custom.cfg or heeds no choice, is refused', (t) => {
  t.is(
    refused('sed -i s/quiet/loud/ /boot/grub/grub.cfg'),
    'refused cannot-try no entry of /boot/grub/grub.cfg starts /vmlinuz-6.1.0-30-amd64 root=/dev/vda1 ro quiet any more\nend\nas before\n',
  );
  t.regex(refused('sed -i /custom.cfg/d /boot/grub/grub.cfg'), /^refused cannot-try .* does not read custom\.cfg\n/);
  t.regex(refused('sed -i s/next_entry/never/ /boot/grub/grub.cfg'), /^refused cannot-try .* heeds no choice/);
});

test('what fails while it is armed ends it before the reboot', (t) => {
  const output = onHost(
    tree(CONFIG),
    `${ENVIRONMENT}; snapshot >/mnt/before
    printf '#!/bin/sh\ncase $* in *" set "*) echo full >&2; exit 1 ;; *) exec /mnt/bin/real "$@" ;; esac\n' >/mnt/bin/editenv
    cp "$(command -v grub-editenv)" /mnt/bin/real && chmod 755 /mnt/bin/editenv && mount --bind /mnt/bin/editenv "$(command -v grub-editenv)"
    sh </mnt/script >/mnt/answer; settled undone; ${LEFT}
    grep ^failed /var/lib/linerate/runs/${RUN}/log; cat /mnt/calls 2>/dev/null; ls /run/linerate`,
    START,
  );
  t.regex(output, /^as before\nfailed - full *\n$/);
});

test('kept: the unit stops, all traces go, panic= is as before, and it is done once it is written', (t) => {
  const output = armed(
    `${GRUB_BOOTS}; cat /proc/sys/kernel/panic >/mnt/was; rebooted two ${ON_TRIAL}; echo 30 >/mnt/panic
    mount --bind /mnt/panic /proc/sys/kernel/panic
    ${TRIAL} status 0 | head -n 3; ${TRIAL} keep 0 | grep -Ev '^(journal|guard)'
    cmp /mnt/panic /mnt/was; ${LEFT}; grep stop /mnt/calls
    ${TRIAL} written 99 | grep ^state; ${TRIAL} written 99 | grep ^state; rebooted three ${PLAIN}; ${TRIAL} ended; ${STATE}`,
  );
  t.is(
    output,
    `boot two
booted trial
state awaiting
boot two
booted trial
state unpersisted
log
awaiting 300
confirmed
persist-failed - the next boots are not written yet
end unpersisted
end
as before
--no-block stop linerate-trial.service
state confirmed
state confirmed
confirmed
`,
  );
});

test('whoever decides first has decided: the deadline or the confirmation', (t) => {
  const decided = (by: string): string =>
    armed(
      `${GRUB_BOOTS}; rebooted two ${ON_TRIAL}; ln -s ${by} /run/linerate-trial; ${TRIAL} keep 0 | grep ^state; ls /boot/grub`,
    );
  t.is(decided('reboot'), 'state awaiting\ncustom.cfg\ngrub.cfg\ngrubenv\n');
  t.is(decided('keep'), 'state unpersisted\ngrub.cfg\ngrubenv\n');
});

test('dropped: the host reboots at once, and its earlier boot says why', (t) => {
  const output = armed(
    `${GRUB_BOOTS}; rebooted two ${ON_TRIAL}; rm -f /mnt/calls
    ${TRIAL} drop 0 'boot isolcpus holds "2", not "2-3"' | grep ^state; cat /mnt/calls; readlink /run/linerate-trial
    rebooted three ${PLAIN}; ${TRIAL} ended; ${STATE}; ${LEFT}`,
  );
  t.is(
    output,
    `state awaiting
reboot
reboot
undone
undo boot isolcpus holds "2", not "2-3"; the host is back on its earlier boot
as before
`,
  );
});

test('the earlier boot knows how far the trial came, and neither keeps nor drops anything', (t) => {
  const output = armed(
    `${GRUB_BOOTS}; cp /proc/sys/kernel/random/boot_id /var/lib/linerate/runs/${RUN}/booted; rebooted three ${PLAIN}
    ${TRIAL} keep 0 | grep ^state; ${TRIAL} drop 0 never | grep ^state; ${TRIAL} ended; ${STATE}; ${LEFT}`,
  );
  t.is(
    output,
    `state awaiting
state awaiting
undone
undo the trial boot came up, and nobody confirmed it within 300 s; the host is back on its earlier boot
as before
`,
  );
});
