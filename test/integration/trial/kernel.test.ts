import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Setting} from '../../../engine/model/setting.ts';
import {kernel} from '../../../engine/resources/kernel.ts';
import {lastingChanges} from '../../../engine/plan/lasting/lasting-changes.ts';
import {TEMPLATES, textAt} from '../../support/lasting.ts';
import {factsOfTree, grubConfig, ISOLATION, onHost, RUN, startOf, trialIn, wantedArgument} from './boot-host.ts';

const [OLD, NEW] = ['6.1.0-28-amd64', '6.1.0-30-amd64'];
const CONFIG = grubConfig();
const tree = (config: string): string => `==> /boot/grub/grub.cfg\n${config}`;

const hostOf = (config: string): Facts => factsOfTree(tree(config), {id: 'debian', idLike: [], kernel: NEW});

const wanted = (rest: string, want: string): Setting => ({...wantedArgument('x', want), id: `kernel ${rest}`});

const HOST = hostOf(CONFIG);

/** What the real grub-mkconfig makes of linerate's drop-in, as the last line of what it reads. */
const after = (setting: Setting): Facts => {
  const {changes} = lastingChanges(HOST, {settings: [setting]}, TEMPLATES, {allowIrreversible: true});
  return hostOf(grubConfig((textAt(changes, '/etc/default/grub.d/zz-linerate-kernel.cfg') ?? '').trim().split('\n')));
};

test('the newest kernel is GRUB’s default by itself, until one is chosen by its name', (t) => {
  t.deepEqual([kernel.boot(HOST, 'default').held, kernel.live(HOST, 'updates')], [{value: NEW}, {value: 'boot'}]);
  const older = after(wanted('default', OLD));
  t.deepEqual([kernel.boot(older, 'default').held, kernel.live(older, 'updates')], [{value: OLD}, {value: 'wait'}]);
  const kept = after(wanted('updates', 'wait'));
  t.deepEqual([kernel.boot(kept, 'default').held, kernel.live(kept, 'updates')], [{value: NEW}, {value: 'wait'}]);
});

test('another kernel is tried by its own entry, with its own initial file system, and leaves no byte behind', (t) => {
  const output = onHost(
    tree(CONFIG),
    `grub-editenv /boot/grub/grubenv create
    snapshot >/mnt/before
    sh </mnt/script >/mnt/answer; settled awaiting; called reboot
    grub-script-check /boot/grub/custom.cfg && grep -E '^\\s*(linux|initrd)' /boot/grub/custom.cfg
    grub-editenv /boot/grub/grubenv set next_entry=
    rebooted two 'root=/dev/vda1 ro quiet'; /bin/sh /var/lib/linerate/runs/${RUN}/trial.sh ended
    snapshot | diff /mnt/before - && echo as before`,
    startOf(trialIn(HOST, [wanted('default', OLD), ...ISOLATION])),
  );
  t.is(
    output,
    `\tlinux /vmlinuz-${OLD} root=/dev/vda1 ro quiet isolcpus=2-3 nosmt panic=30 systemd.wants=linerate-trial.service linerate.trial=${RUN}
\t\tinitrd\t/initrd.img-${OLD}
as before
`,
  );
});
