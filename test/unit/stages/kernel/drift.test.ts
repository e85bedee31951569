import test from 'ava';
import {parseConfiguration} from '../../../../engine/stages/kernel/kconfig/configuration.ts';
import {configurationDrift, differenceText} from '../../../../engine/stages/kernel/kconfig/drift.ts';
import {headingsOf} from '../../../../engine/stages/kernel/kconfig/headings.ts';
import {readSymbols} from '../../../../engine/stages/kernel/kconfig/symbols.ts';

const KCONFIG = `config NET
	bool "Networking"
config GCC_VERSION
	int
	default 120200
`;

test('what somebody can be asked for counts as drift; what follows from the toolchain does not', (t) => {
  const symbols = readSymbols((path) => (path === 'Kconfig' ? KCONFIG : undefined), {});
  const drift = configurationDrift(
    parseConfiguration('CONFIG_NET=y\nCONFIG_GCC_VERSION=120200\nCONFIG_GONE=y\n'),
    parseConfiguration('# CONFIG_NET is not set\nCONFIG_GCC_VERSION=140000\n'),
    symbols,
  );
  // What the kernel does not know any more was once asked for.
  t.deepEqual(drift.asked.map(differenceText), ['GONE: y → not there', 'NET: y → n']);
  t.deepEqual(drift.derived.map(differenceText), ['GCC_VERSION: 120200 → 140000']);
});

test('options stand below the titles of their menus', (t) => {
  const text = `#
# Automatically generated file; DO NOT EDIT.
# Linux/x86 6.1.176 Kernel Configuration
#
CONFIG_CC_VERSION_TEXT="gcc"

#
# General setup
#
CONFIG_SMP=y
# CONFIG_SWAP is not set
# end of General setup

CONFIG_AFTER=y
`;
  t.deepEqual(
    [...headingsOf(text)],
    [
      ['CC_VERSION_TEXT', ''],
      ['SMP', 'General setup'],
      ['SWAP', 'General setup'],
      ['AFTER', 'General setup'],
    ],
  );
});
