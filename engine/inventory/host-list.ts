import {blame} from './complaints.ts';
import {addHost, type Draft} from './draft.ts';
import {expandHosts} from './host-range.ts';

/**
 * Reads `host1,host2:2222,` into the draft. Ranges are expanded as in files, where Ansible's own host list would make a
 * host of the name `web[1:3]`.
 */
export const readHostList = (draft: Draft, list: string): void => {
  for (const item of list.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const expansion = expandHosts(item);
    if ('broken' in expansion) {
      blame(draft.complaints, 'inventory-range', `the range of ${item} ${expansion.broken}`, 'host list');
    } else {
      for (const host of expansion.hosts) {
        if (!draft.hosts.has(host)) addHost(draft, host, 'ungrouped', {source: list, at: 'host list'}, expansion.port);
      }
    }
  }
};
