import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, ROOT, temporaryFolder} from '../../support/cli.ts';

const README = readFileSync(path.join(ROOT, 'recipes/README.md'), 'utf8');

/** The first fenced text of a kind after a heading. */
const block = (kind: string): string => {
  const own = README.slice(README.indexOf('## A recipe of your own'));
  const [, text] = new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(own) ?? [];
  if (text === undefined) throw new Error(`recipes/README.md has no ${kind} example`);
  return text;
};

test('the documented recipe runs as it is documented', async (t) => {
  const folder = path.join(temporaryFolder(), 'relay');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'relay.ts'), block('ts'));
  writeFileSync(path.join(folder, 'relay.service.hbs'), block('hbs'));
  const [, words = ''] = /^linerate (.*)$/m.exec(block('sh')) ?? [];
  const {status, stdout, stderr} = await linerate([...words.replace('-i hosts.yml ', '').split(' '), '-v'], {
    cwd: folder,
  });
  t.is(stderr, '');
  t.is(status, 0);
  t.regex(stdout, /\/etc\/systemd\/system\/relay\.service\s+absent/);
  t.regex(stdout, /ExecStart=\/usr\/bin\/socat TCP-LISTEN:443,fork,reuseaddr TCP:10\.0\.0\.7:8443/);
  t.regex(stdout, /net\.core\.somaxconn/);
});
