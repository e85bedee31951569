import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import {winningLine} from '../facts/sysctls.ts';
import {known} from '../model/known.ts';
import type {Boot} from '../model/setting.ts';
import {maximumOf} from './nic-limits.ts';

// register_netdevice turns NETIF_F_SOFT_FEATURES on for every device, and drivers whose NIC has TSO come up with it.
const ON = new Set(['generic-receive-offload', 'generic-segmentation-offload', 'tcp-segmentation-offload']);

// rtl_init_one leaves scatter-gather and TSO off: some chips stop sending with them.
const OFFLOADS_OFF = new Set(['r8169']);

// Both directions start as dynamic: I40E_ITR_RX_DEF, ICE_DFLT_RX_ITR, IAVF_ITR_RX_DEF and mlx5e_build_nic_params.
const ADAPTIVE = new Set(['i40e', 'ice', 'iavf', 'mlx5_core']);

const driver = (value: string): Boot => ({held: {value}, by: 'the driver’s default'});

const feature = (facts: Facts, nic: Nic, name: string): Boot | undefined => {
  const now = known(nic.features)?.[name];
  if (now?.fixed === true) return {held: {value: now.on ? 'on' : 'off'}, by: 'the driver, which has it [fixed]'};
  if (ON.has(name)) return driver(name.startsWith('tcp') && OFFLOADS_OFF.has(nic.driver) ? 'off' : 'on');
  const lro = name === 'large-receive-offload';
  // bnxt_init_one: a card that can undo what it merges (hardware GRO) comes up with that in place of LRO.
  if (lro && nic.driver === 'bnxt_en' && known(nic.features)?.['rx-gro-hw']?.fixed === false) return driver('off');
  // dev_disable_lro in net/ipv4/devinet.c: every device that comes up on a router loses LRO.
  const line = lro ? winningLine(facts.sysctls.configured, 'net/ipv4/ip_forward') : undefined;
  return line?.value.trim() === '1' ? {held: {value: 'off'}, by: `the kernel, which forwards (${line.at})`} : undefined;
};

/** Drivers open a queue for each CPU up to their maximum: what is so now will be so again. */
const channels = (facts: Facts, nic: Nic, attribute: string): Boot | undefined => {
  const count = Math.min(maximumOf(nic, attribute) ?? 0, facts.cpu.online.length);
  const now = known(nic.channels)?.now;
  const open = attribute === 'channels.combined' ? now?.combined : attribute === 'channels.rx' ? now?.rx : undefined;
  return count > 0 && open === count ? driver(String(count)) : undefined;
};

/** What a NIC attribute holds after a reboot by its driver or the kernel when no file sets it; undefined where that varies. */
export const driverDefault = (facts: Facts, nic: Nic, attribute: string): Boot | undefined => {
  if (attribute.startsWith('feature.')) return feature(facts, nic, attribute.slice('feature.'.length));
  if (attribute.startsWith('channels.')) return channels(facts, nic, attribute);
  return attribute.startsWith('coalesce.adaptive-') && ADAPTIVE.has(nic.driver) ? driver('on') : undefined;
};
