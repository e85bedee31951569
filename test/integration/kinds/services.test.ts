import test from 'ava';
import type {Wish} from '../../../engine/plan/recipe/recipe.ts';
import {file} from '../../../engine/plan/recipe/wish/file.ts';
import {running, stopped} from '../../../engine/plan/recipe/wish/service.ts';
import {carriedOut, failedOn, heldIn, unmet} from '../../support/kinds.ts';

const WHY = {why: 'a test'};
const UNITS = '/etc/systemd/system';

/** A service that says in a log of its own when it starts, and with what. */
const SERVER = `[Service]
ExecStart=/bin/sh -c 'grep -qs broken /etc/lr/server.conf && { echo my last words >&2; exit 3; }; echo "started$$LR $(cat /etc/lr/server.conf)" >>/srv/log; exec sleep 1000'
[Install]
WantedBy=multi-user.target
`;

/** Units of a host: `server` runs, `other` and the timer do not, `masked` must not. */
const PREPARE = `mkdir -p /etc/lr; echo one >/etc/lr/server.conf
cat >${UNITS}/server.service <<'END'
${SERVER}END
printf '[Service]\\nExecStart=/bin/sleep 1000\\n[Install]\\nWantedBy=multi-user.target\\n' >${UNITS}/other@.service
printf '[Service]\\nExecStart=/bin/sleep 1000\\n' >${UNITS}/static.service
printf '[Timer]\\nOnActiveSec=1h\\nUnit=static.service\\n[Install]\\nWantedBy=timers.target\\n' >${UNITS}/some.timer
printf '[Service]\\nExecStart=/bin/sh -c "echo my last words; exit 3"\\n' >${UNITS}/dies.service
ln -s /dev/null ${UNITS}/masked.service
systemctl daemon-reload; systemctl -q enable other@2; systemctl start server other@2 static`;

const HOST = {prepare: PREPARE, systemd: true} as const;

/** How often the server was started, and whether it runs. */
const LOG = `sleep 0.2; cat /srv/log; systemctl is-active server || :`;

test('units of all types run or stop, and go back; what they do at boot is known', (t) => {
  const wishes = [
    running('other@1', WHY),
    stopped('other@2.service', WHY),
    running('some.timer', WHY),
    stopped('static', WHY),
    stopped('never-heard-of', WHY),
  ];
  const {before, after, back, plan} = carriedOut(wishes, HOST);
  t.deepEqual(
    plan.settings.map(({id, live, boot}) => [id, live, boot.held]),
    [
      ['service other@1', {value: 'stopped'}, {value: 'stopped'}],
      ['service other@2', {value: 'running'}, {value: 'running'}],
      ['service some.timer', {value: 'stopped'}, {value: 'stopped'}],
      ['service static', {value: 'running'}, 'unsupported'],
      ['service never-heard-of', {value: 'stopped'}, {value: 'stopped'}],
    ],
  );
  t.deepEqual(
    plan.settings.map(({pending}) => pending.join(' ')),
    ['live boot', 'live boot', 'live boot', 'live', ''],
  );
  t.deepEqual(unmet(after, wishes), []);
  t.deepEqual(back.asked, before.asked);
});

test('a unit that a file of the same phase brings is started, and stopped again before its file goes', (t) => {
  const unit = '[Service]\nExecStart=/bin/sleep 1000\n';
  const wishes = [file(`${UNITS}/new.service`, {text: unit, restarts: ['new'], ...WHY}), running('new', WHY)];
  const {before, after, back} = carriedOut(wishes, HOST);
  t.deepEqual(heldIn(before, 'service new'), {value: 'stopped'});
  t.deepEqual(unmet(after, wishes), []);
  t.deepEqual(back.asked, before.asked);
});

const CHANGED: readonly Wish[] = [
  file('/etc/lr/server.conf', {text: 'two\n', restarts: ['server.service'], ...WHY}),
  file(`${UNITS}/server.service.d/lr.conf`, {text: '[Service]\nEnvironment=LR=-newly\n', restarts: ['server'], ...WHY}),
  file('/etc/lr/not-there', {text: '', restarts: ['other@1.service'], ...WHY}),
];

test('a unit is restarted once for all its files, and once more when they are back; one that does not run stays so', (t) => {
  const {also, after} = carriedOut(CHANGED, {...HOST, also: `${LOG}; systemctl is-active other@1 || :`});
  t.deepEqual(unmet(after, CHANGED), []);
  const [first, second, third] = also.map((said) => said.trim().split('\n'));
  t.deepEqual(first, ['started one', 'active', 'inactive']);
  t.deepEqual(second, ['started one', 'started-newly two', 'active', 'inactive']);
  t.deepEqual(third, ['started one', 'started-newly two', 'started one', 'active', 'inactive']);
});

test('a unit that dies at once fails its run, with its last words; the host is as before', (t) => {
  const {log} = failedOn([file('/srv/file', {text: '', ...WHY}), running('dies', WHY)], HOST);
  t.regex(log, /^failed 1 .*dies\.service did not stay up: it is failed/m);
  t.regex(log, /^undone 0$/m);
});

test('a unit that does not come back from its restart runs again with its old files', (t) => {
  const broken = file('/etc/lr/server.conf', {text: 'broken\n', restarts: ['server'], ...WHY});
  const {log, also} = failedOn([broken], {...HOST, also: LOG});
  t.regex(log, /^failed 0 .*server\.service did not stay up/m);
  t.is(also, 'started one\nstarted one\nactive\n');
});

test('a masked unit is refused', (t) => {
  t.regex(
    t.throws(() => carriedOut([running('masked', WHY)], HOST))?.message ?? '',
    /it cannot be changed: it is masked/,
  );
});
