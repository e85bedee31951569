import test from 'ava';
import {OWN} from '../../../engine/facts/own-files.ts';
import {services} from '../../../engine/facts/services.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';

test('links of an image lead to places inside it', (t) => {
  const prepare = `mkdir -p /mnt/etc/sysctl.d /mnt/srv/linerate
ln -s /srv/linerate /mnt/etc/linerate
echo 'image = 1' >/mnt/srv/linerate/hold.conf
echo '#!/bin/sh' >/mnt/srv/linerate/hold.sh
ln -s /proc/version /mnt${OWN.sysctls}`;
  const {own} = services.parse(probeInNamespace([services], {prepare, root: '/mnt'}));
  t.deepEqual(own?.texts, {[OWN.hold]: 'image = 1\n', [OWN.holdScript]: '#!/bin/sh\n'});
});
