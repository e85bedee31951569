import test from 'ava';
import {distccHosts} from '../../../engine/actions/build-distcc.ts';

test('hosts with their cores are what distcc takes', (t) => {
  t.deepEqual(distccHosts('localhost/2,10.0.0.5:3633/16 [fe80::1]/4'), {
    hosts: 'localhost/2 10.0.0.5:3633/16 [fe80::1]/4',
    processors: 22,
  });
});

for (const wrong of ['', ',', 'localhost', 'localhost/0', 'localhost/two', 'a b/2', 'a;b/2', '/2'])
  test(`"${wrong}" is refused`, (t) => {
    t.throws(() => distccHosts(wrong), {message: /is no host with its cores/});
  });
