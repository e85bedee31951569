import {boot} from './boot.ts';
import {command} from './command.ts';
import {cpu} from './cpu.ts';
import {driver} from './driver.ts';
import {file} from './file.ts';
import {group} from './group.ts';
import {hugepages} from './hugepages.ts';
import {irq} from './irq.ts';
import {kernel} from './kernel.ts';
import {limit} from './limit.ts';
import {module} from './module.ts';
import {mount} from './mount.ts';
import {nic} from './nic.ts';
import {packages} from './package.ts';
import {queue} from './queue.ts';
import {lastingKind} from './own-boot.ts';
import type {ResourceKind} from './resource.ts';
import {rss} from './rss.ts';
import {service} from './service.ts';
import {sysctl} from './sysctl.ts';
import {thp} from './thp.ts';
import {user} from './user.ts';

/** Every kind of tunable, in the order in which a plan shows them; those from `nic` on belong to one NIC each. */
export const KINDS: readonly ResourceKind[] = Array.from(
  [
    sysctl,
    cpu,
    thp,
    hugepages,
    limit,
    mount,
    module,
    kernel,
    boot,
    packages,
    group,
    user,
    file,
    command,
    driver,
    service,
    nic,
    rss,
    irq,
    queue,
  ],
  lastingKind,
);

const byName = new Map(KINDS.map((kind) => [kind.kind, kind]));

export const kindOf = (name: string): ResourceKind | undefined => byName.get(name);
