import test from 'ava';
import {parseFacts} from '../../../../engine/facts/facts.ts';
import type {Frames} from '../../../../engine/facts/frames.ts';
import type {Plan} from '../../../../engine/model/setting.ts';
import {lastingChanges} from '../../../../engine/plan/lasting/lasting-changes.ts';
import {framesOf, hostNames, planOf} from '../../../support/generated/fixtures.ts';
import {framesAfter, stepsOf, TEMPLATES, undoOf} from '../../../support/lasting.ts';

const pendingAtBoot = (plan: Plan): readonly string[] =>
  plan.settings.filter(({pending}) => pending.includes('boot')).map(({id}) => id);

const look = (name: string, frames: Frames) => {
  const facts = parseFacts(frames);
  const plan = planOf(name, facts);
  return {facts, plan, lasting: lastingChanges(facts, plan, TEMPLATES)};
};

const looks = new Map<string, ReturnType<typeof look>>();

/** A host as it is before anything was done to it: looked at once, as the largest take a second. */
const stock = (name: string): ReturnType<typeof look> => {
  const known = looks.get(name) ?? look(name, framesOf(name));
  looks.set(name, known);
  return known;
};

for (const name of hostNames()) {
  test(`${name}: with the boot layer in place nothing is pending at boot but what was refused`, (t) => {
    const before = stock(name);
    const after = look(name, framesAfter(framesOf(name), stepsOf(before.lasting.changes)));
    const refused = before.lasting.blocks.map(({id}) => id);
    t.deepEqual(
      pendingAtBoot(after.plan).filter((id) => !refused.includes(id)),
      [],
    );
    t.deepEqual(
      refused.filter((id) => !pendingAtBoot(before.plan).includes(id)),
      [],
    );
    t.deepEqual(after.lasting.changes, [], 'a second run writes nothing');
    t.deepEqual(
      after.plan.findings.filter(({about}) => about.includes('linerate')),
      [],
      'linerate’s own files fight nobody',
    );
  });

  test(`${name}: once the values hold, what sheets then no longer ask for stays in its file`, (t) => {
    const {plan, lasting} = stock(name);
    const after = framesAfter(framesOf(name), stepsOf(lasting.changes));
    const live = plan.settings.flatMap(({id, want}) =>
      id.startsWith('sysctl ') ? [[`/proc/sys/${id.slice('sysctl '.length)}`, want] as const] : [],
    );
    const thp = '/sys/kernel/mm/transparent_hugepage/enabled';
    const files = new Map([...after.files, ...live, [thp, 'always [madvise] never']]);
    t.deepEqual(look(name, {...after, files}).lasting.changes, []);
  });

  test(`${name}: every pending value is carried by a file or command, or refused`, (t) => {
    const {plan, lasting} = stock(name);
    const carried = lasting.changes.flatMap(({id, carries}) => carries ?? [id]);
    t.deepEqual(
      [...new Set([...carried, ...lasting.blocks.map(({id}) => id)])].sort(),
      [...new Set(pendingAtBoot(plan))].sort(),
    );
  });

  test(`${name}: undoing brings the host back to what it was`, (t) => {
    const frames = framesOf(name);
    const {facts, lasting} = stock(name);
    const undone = framesAfter(framesAfter(frames, stepsOf(lasting.changes)), undoOf(lasting.changes));
    t.deepEqual(parseFacts(undone), facts);
  });
}

test('hosts of all kinds are among them', (t) => {
  const all = hostNames().map((name) => stock(name).lasting);
  const files = new Set(all.flatMap(({changes}) => changes.map(({id}) => id)));
  t.true(files.has('file /etc/linerate/hold.conf'));
  t.true(files.has('file /etc/NetworkManager/dispatcher.d/90-linerate'));
  t.true(files.has('file /etc/systemd/system/linerate-up.path'));
  t.true(files.has('file /etc/linerate/irqbalance'));
  t.true(files.has('file /etc/modules-load.d/linerate.conf'));
  t.true(all.some(({blocks}) => blocks.length > 0));
});
