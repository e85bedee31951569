import test from 'ava';
import {
  configurationDifferences,
  parseConfiguration,
  requestedOptions,
} from '../../../../engine/stages/kernel/kconfig/configuration.ts';
import {droppedOptions} from '../../../../engine/stages/kernel/kconfig/dropped.ts';
import {evaluate, parseExpression} from '../../../../engine/stages/kernel/kconfig/expression.ts';
import {readSymbols, type Symbols} from '../../../../engine/stages/kernel/kconfig/symbols.ts';

const TREE: Readonly<Record<string, string>> = {
  Kconfig: `mainmenu "Linux/$(ARCH)"
source "scripts/Kconfig.include"
source "arch/$(SRCARCH)/Kconfig"
source "net/Kconfig"
source 'gone/Kconfig'
`,
  'scripts/Kconfig.include': `cc-option = $(success,$(CC) $(1))
`,
  'arch/x86/Kconfig': `config X86
	def_bool y

choice
	prompt "Preemption"
	default PREEMPT_NONE

config PREEMPT_NONE
	bool "None"
	help
	  A text with a word that looks like one of the language:
	  depends on NOTHING

	  config NOT_ONE

config PREEMPT
	bool "Full"
	depends on X86 && \\
		$(cc-option,-mfoo)
endchoice
`,
  'net/Kconfig': `menuconfig NET
	bool "Networking"

if NET
menu "Drivers"
	depends on PCI
	visible if EXPERT

config VENDOR
	bool "Vendor" if !EMBEDDED
	default y

config DRIVER
	tristate "Driver"
	depends on VENDOR && (A || B="x")
	select LIBRARY if C
endmenu

config LIBRARY
	tristate

config POLL
	bool
	default y if !RT

rsource "sub/Kconfig"
endif
`,
  'net/sub/Kconfig': `config ONLY_BUILT_IN
	bool "Built in"
config DEPTH
	int "Depth"
	range 1 4
	default 2
config TITLE
	string "Title"
`,
};

const symbols = (): Symbols => readSymbols((path) => TREE[path], {SRCARCH: 'x86', ARCH: 'x86_64'});

const why = (want: string, configuration: string): readonly string[] =>
  droppedOptions(requestedOptions([{path: 'a.config', text: want}]), parseConfiguration(configuration), symbols()).map(
    ({name, want: wanted, found, why: reason}) => `${name}=${wanted} is ${found}: ${reason}`,
  );

test('files are followed from the first one on, with the variables of their names; help texts say nothing', (t) => {
  const names = [...symbols()].filter(([, {definitions}]) => definitions.length > 0).map(([name]) => name);
  const expected = 'DEPTH DRIVER LIBRARY NET ONLY_BUILT_IN POLL PREEMPT PREEMPT_NONE TITLE VENDOR X86';
  t.is(names.toSorted().join(' '), expected);
  t.is(symbols().get('DRIVER')?.type, 'tristate');
  t.is(symbols().get('DRIVER')?.definitions[0]?.at, 'net/Kconfig:13');
});

test('what is held is not dropped, in whatever quotes', (t) => {
  t.deepEqual(
    why('CONFIG_NET=y\nCONFIG_TITLE="x"\n# CONFIG_DRIVER is not set\n', 'CONFIG_NET=y\nCONFIG_TITLE=x\n'),
    [],
  );
});

test('a dropped option names what it lacks and nothing else, with what that holds and where it says so', (t) => {
  const base = 'CONFIG_NET=y\nCONFIG_PCI=y\nCONFIG_EXPERT=y\nCONFIG_VENDOR=y\n';
  t.deepEqual(why('CONFIG_DRIVER=y', base), ['DRIVER=y is n: depends on (A (=n) || B (=n) = "x") (net/Kconfig:13)']);
  t.deepEqual(why('CONFIG_DRIVER=m', `${base}CONFIG_A=m\n`), [
    'DRIVER=m is n: it holds n, which its own range or default says (net/Kconfig:13)',
  ]);
  t.deepEqual(why('CONFIG_DRIVER=y', `${base}CONFIG_A=m\nCONFIG_DRIVER=m\n`), [
    'DRIVER=y is m: depends on (A (=m) || B (=n) = "x") (net/Kconfig:13)',
  ]);
  t.deepEqual(why('CONFIG_DRIVER=y', 'CONFIG_A=y\n'), [
    'DRIVER=y is n: depends on NET (=n) && PCI (=n) && EXPERT (=n) && VENDOR (=n) (net/Kconfig:13)',
  ]);
  t.deepEqual(why('CONFIG_VENDOR=y', `${base.replace('CONFIG_VENDOR=y\n', '')}CONFIG_EMBEDDED=y\n`), [
    'VENDOR=y is n: depends on !EMBEDDED (=y) (net/Kconfig:9)',
  ]);
});

test('what nobody can ask for says what it comes with', (t) => {
  t.deepEqual(why('CONFIG_LIBRARY=y', 'CONFIG_NET=y\n'), [
    'LIBRARY=y is n: nobody can ask for it: it has no prompt and comes with DRIVER',
  ]);
  t.deepEqual(why('CONFIG_POLL=y', 'CONFIG_NET=y\nCONFIG_RT=y\n'), [
    'POLL=y is n: nobody can ask for it: it comes with !RT (=y)',
  ]);
});

test('of a choice, of an option that another turns on, and of one that can be no module', (t) => {
  t.deepEqual(why('CONFIG_PREEMPT=y', 'CONFIG_X86=y\nCONFIG_PREEMPT_NONE=y\n'), [
    'PREEMPT=y is n: PREEMPT_NONE was chosen in its place',
  ]);
  const on = 'CONFIG_NET=y\nCONFIG_C=y\nCONFIG_DRIVER=y\nCONFIG_LIBRARY=y\nCONFIG_ONLY_BUILT_IN=y\n';
  t.deepEqual(why('# CONFIG_LIBRARY is not set', on), ['LIBRARY=n is y: DRIVER (=y) selects it']);
  t.deepEqual(why('CONFIG_ONLY_BUILT_IN=m', on), ['ONLY_BUILT_IN=m is y: it can be no module']);
});

test('an option that the kernel does not have names the one that was meant', (t) => {
  t.deepEqual(why('CONFIG_DRIVRE=y\nCONFIG_SOMETHING_ELSE=y', ''), [
    'DRIVRE=y is n: this kernel has no such option; DRIVER does',
    'SOMETHING_ELSE=y is n: this kernel has no such option',
  ]);
});

test('an option that is asked to be off must be one: otherwise what was meant stays on', (t) => {
  t.deepEqual(why('# CONFIG_VENDORS is not set', 'CONFIG_VENDOR=y\n'), [
    'VENDORS=n is n: this kernel has no such option; VENDOR does',
  ]);
});

test('what holds an option back says where that was asked for, if that is what it holds', (t) => {
  const want = '# CONFIG_PCI is not set\nCONFIG_EXPERT=y\nCONFIG_DRIVER=y\n';
  t.deepEqual(
    why(want, 'CONFIG_NET=y\nCONFIG_VENDOR=y\nCONFIG_A=y\n').filter((line) => line.startsWith('DRIVER')),
    ['DRIVER=y is n: depends on PCI (=n: a.config:1) && EXPERT (=n) (net/Kconfig:13)'],
  );
});

test('expressions bind as the language says, in three values', (t) => {
  const holds = (name: string): string => ({A: 'y', B: 'm', N: '7'})[name] ?? 'n';
  const value = (text: string): number => evaluate(parseExpression(text), holds);
  t.is(value('A && B'), 1);
  t.is(value('!B'), 1);
  t.is(value('X || A && B'), 1);
  t.is(value('(X || A) && !X'), 2);
  t.is(value('B = m'), 2);
  t.is(value('B != y && N > 5 && N <= 7'), 2);
  t.is(value('A="y"'), 2);
  t.is(value('$(cc-option,-m(x)) && B'), 1);
});

test('two configurations are compared by option', (t) => {
  const before = parseConfiguration('CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x"\n');
  const after = parseConfiguration('CONFIG_A=m\n# CONFIG_B is not set\nCONFIG_D=1\n');
  t.deepEqual(configurationDifferences(before, after), [
    {name: 'A', before: 'y', after: 'm'},
    {name: 'C', before: '"x"', after: undefined},
    {name: 'D', before: undefined, after: '1'},
  ]);
});
