import {spawnSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import type {Plan, Setting} from '../../../engine/model/setting.ts';
import {reportJunit} from '../../../engine/plan/report-junit.ts';
import {reportPrometheus} from '../../../engine/plan/report-prometheus.ts';
import type {Verified} from '../../../engine/plan/verified.ts';

const setting = (given: Partial<Setting> = {}): Setting => ({
  id: 'sysctl net/core/somaxconn',
  live: {value: '4096'},
  boot: {held: 'default'},
  want: '65535',
  pending: ['live', 'boot'],
  why: 'a reason',
  source: 'a source',
  from: {layer: 'workload', at: 'templates/workloads/connections.yaml.hbs:2'},
  effect: 'live',
  undo: 'exact',
  ...given,
});

const plan = (given: Partial<Plan> = {}): Plan => ({
  host: 'web1',
  workload: 'balanced',
  settings: [],
  blocks: [],
  findings: [],
  managementPath: [],
  ...given,
});

const RESULTS: readonly Verified[] = [
  {
    host: 'web1',
    plan: plan({
      settings: [setting(), setting({id: 'nic eth0 mtu', pending: [], want: '1500'})],
      blocks: [{id: 'boot isolcpus', reason: 'nobody knows <how> & "why"'}],
    }),
  },
  {host: 'web2', fault: {code: 'ssh-auth', message: 'web2 refused the key'}},
];

test('JUnit: a suite for each host, a case for each setting, refusal and host that could not be read', (t) => {
  t.is(
    reportJunit(RESULTS),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="linerate verify" tests="4" failures="1" errors="1" skipped="1">
  <testsuite name="web1" tests="3" failures="1" errors="0" skipped="1">
    <testcase classname="web1" name="sysctl net/core/somaxconn">
      <failure type="live and boot" message="live 4096, next boot default, wanted 65535">a reason&#10;asked for by templates/workloads/connections.yaml.hbs:2</failure>
    </testcase>
    <testcase classname="web1" name="nic eth0 mtu"/>
    <testcase classname="web1" name="boot isolcpus">
      <skipped message="nobody knows &lt;how&gt; &amp; &quot;why&quot;"/>
    </testcase>
  </testsuite>
  <testsuite name="web2" tests="1" failures="0" errors="1" skipped="0">
    <testcase classname="web2" name="read the host">
      <error type="ssh-auth" message="web2 refused the key"/>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('Prometheus: counts for each host, and what drifted', (t) => {
  t.is(
    reportPrometheus(RESULTS),
    `# HELP linerate_host_read 1 where the host could be read, 0 where not.
# TYPE linerate_host_read gauge
linerate_host_read{host="web1"} 1
linerate_host_read{host="web2"} 0
# HELP linerate_settings Settings that the plan of the host has.
# TYPE linerate_settings gauge
linerate_settings{host="web1"} 2
# HELP linerate_settings_blocked Settings of the host that linerate refuses to touch.
# TYPE linerate_settings_blocked gauge
linerate_settings_blocked{host="web1"} 1
# HELP linerate_settings_drifted Settings of the host that do not hold what is wanted: now (live), or after a reboot (boot).
# TYPE linerate_settings_drifted gauge
linerate_settings_drifted{host="web1",layer="live"} 1
linerate_settings_drifted{host="web1",layer="boot"} 1
# HELP linerate_setting_drifted 1 for each setting that does not hold what is wanted; those that do have no sample.
# TYPE linerate_setting_drifted gauge
linerate_setting_drifted{host="web1",setting="sysctl net/core/somaxconn",layer="live"} 1
linerate_setting_drifted{host="web1",setting="sysctl net/core/somaxconn",layer="boot"} 1
`,
  );
  t.is(reportPrometheus([]), '');
});

// Anything a host may say, lone surrogates and control characters included.
const word = fc.string({unit: 'binary', maxLength: 12});

const verified: fc.Arbitrary<Verified> = fc.oneof(
  fc.record({host: word, fault: fc.record({code: word, message: word})}),
  fc.record({
    host: word,
    plan: fc
      .array(
        fc.record({id: word, want: word, why: word, pending: fc.subarray(['live', 'boot'] as const)}).map(setting),
        {maxLength: 3},
      )
      .map((settings) => plan({settings, blocks: [{id: 'x', reason: settings[0]?.why ?? ''}]})),
  }),
);

const PARSE = `import json, sys, xml.etree.ElementTree as tree
for report in json.load(sys.stdin):
    root = tree.fromstring(report.encode())
    print(json.dumps([[len(s.findall('testcase')), len(s.findall('testcase/failure')), len(s.findall('testcase/error'))]
        for s in root.findall('testsuite')]))`;

test('JUnit is well-formed XML whatever a host says, with a failure for each drifted setting', (t) => {
  const samples = fc.sample(fc.array(verified, {maxLength: 4}), 200);
  const parsed = spawnSync('python3', ['-c', PARSE], {
    input: JSON.stringify(samples.map(reportJunit)),
    encoding: 'utf8',
  });
  t.is(parsed.stderr, '', 'python3 (an oracle for XML) reads every report');
  const expected = samples.map((results) =>
    results.map((one) =>
      'fault' in one
        ? [1, 0, 1]
        : [
            one.plan.settings.length + one.plan.blocks.length,
            one.plan.settings.filter(({pending}) => pending.length > 0).length,
            0,
          ],
    ),
  );
  t.deepEqual(
    parsed.stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
    expected,
  );
});

// The grammar of the text exposition format: a comment, or a name with labels and a number.
const LINE =
  /^(?:# (?:HELP|TYPE) [a-zA-Z_:][\w:]* .+|[a-zA-Z_:][\w:]*\{[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*")*\} \d+)$/u;

test('Prometheus’ format holds whatever a host says: each line by its grammar, one group for each metric', (t) => {
  fc.assert(
    fc.property(fc.array(verified, {maxLength: 4}), (results) => {
      const lines = reportPrometheus(results).split('\n');
      t.is(lines.pop(), '');
      const names = lines.map((line) => {
        t.regex(line, LINE);
        return line.replace(/^# (?:HELP|TYPE) /, '').split(/[ {]/)[0];
      });
      const groups = names.filter((name, index) => name !== names[index - 1]);
      t.is(new Set(groups).size, groups.length);
    }),
  );
});
