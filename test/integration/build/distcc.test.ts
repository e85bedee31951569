import {spawn} from 'node:child_process';
import {createServer} from 'node:net';
import path from 'node:path';
import test from 'ava';
import {outputOf} from '../../../engine/actions/build.ts';
import {openBuilders} from '../../../engine/effects/builders/open-builders.ts';
import {firstDifference} from '../../../engine/effects/store/compare.ts';
import {build, scratchFolder, stage} from '../../support/builds.ts';

const freePort = async (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  });

const SCRIPT = `printf 'int main(void) { return 7; }\\n' >one.c
  gcc -O2 -c one.c -o $OUT/one.o`;

test('compilers run on other machines, with the same bytes', async (t) => {
  const folder = scratchFolder();
  const port = await freePort();
  const address = ['--listen', '127.0.0.1', '--port', String(port), '--allow', '127.0.0.1'];
  const words = ['--no-detach', '--daemon', ...address, '--log-stderr', '--verbose', '--jobs', '2', '--user', 'nobody'];
  const server = spawn('setpriv', ['--pdeathsig', 'KILL', 'distccd', ...words], {stdio: ['ignore', 'ignore', 'pipe']});
  t.teardown(() => server.kill());
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  while (!log.includes('listening on')) await new Promise((resolve) => server.stderr.once('data', resolve));
  const compiled = async (options: {ccache: boolean; distcc?: string}) => {
    const {report} = await build([stage('a', SCRIPT)], undefined, {
      builder: openBuilders({cache: path.join(folder, 'cache'), ...options}),
    });
    return outputOf(report, 'a').folder;
  };
  const here = await compiled({ccache: false});
  const hosts = `127.0.0.1:${String(port)}/2`;
  const there = await compiled({ccache: false, distcc: hosts});
  const count = (): number => log.split('COMPILE_OK').length - 1;
  t.is(count(), 1, log);
  const cached = await compiled({ccache: true, distcc: hosts});
  t.is(count(), 2);
  t.is(await firstDifference(here, there), undefined);
  t.is(await firstDifference(here, cached), undefined);
});
