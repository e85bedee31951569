/** What other programs call a NIC attribute: systemd.link's key, NetworkManager's property, ethtool's verb and word. */
export type AttributeNames = {link?: string; networkManager?: string; ethtool?: readonly [verb: string, word: string]};

const feature = (link: string | undefined, short: string, nm = short): AttributeNames => ({
  ...(link === undefined ? {} : {link}),
  networkManager: `feature-${nm}`,
  ethtool: ['K', short],
});

const ring = (link: string, word: string): AttributeNames => ({
  link,
  networkManager: `ring-${word}`,
  ethtool: ['G', word],
});
const channels = (link: string, word: string): AttributeNames => ({
  link,
  networkManager: `channels-${word}`,
  ethtool: ['L', word],
});
const coalesce = (link: string | undefined, word: string): AttributeNames => ({
  ...(link === undefined ? {} : {link}),
  networkManager: `coalesce-${word}`,
  ethtool: ['C', word],
});
const pause = (link: string, word: string, nm = word): AttributeNames => ({
  link,
  networkManager: `pause-${nm}`,
  ethtool: ['A', nm],
});

/** By our attribute names. Sources: systemd.link(5), nm-settings-nmcli(5), ethtool(8). */
export const ATTRIBUTE_NAMES: Readonly<Record<string, AttributeNames>> = {
  'ring.rx': ring('RxBufferSize', 'rx'),
  'ring.tx': ring('TxBufferSize', 'tx'),
  'ring.rx-mini': ring('RxMiniBufferSize', 'rx-mini'),
  'ring.rx-jumbo': ring('RxJumboBufferSize', 'rx-jumbo'),
  'channels.rx': channels('RxChannels', 'rx'),
  'channels.tx': channels('TxChannels', 'tx'),
  'channels.other': channels('OtherChannels', 'other'),
  'channels.combined': channels('CombinedChannels', 'combined'),
  'coalesce.adaptive-rx': coalesce('UseAdaptiveRxCoalesce', 'adaptive-rx'),
  'coalesce.adaptive-tx': coalesce('UseAdaptiveTxCoalesce', 'adaptive-tx'),
  'coalesce.rx-usecs': coalesce('RxCoalesceSec', 'rx-usecs'),
  'coalesce.tx-usecs': coalesce('TxCoalesceSec', 'tx-usecs'),
  'coalesce.rx-frames': coalesce('RxMaxCoalescedFrames', 'rx-frames'),
  'coalesce.tx-frames': coalesce('TxMaxCoalescedFrames', 'tx-frames'),
  'coalesce.rx-usecs-high': coalesce('RxCoalesceHighSec', 'rx-usecs-high'),
  'feature.generic-receive-offload': feature('GenericReceiveOffload', 'gro'),
  'feature.rx-gro-hw': feature('GenericReceiveOffloadHardware', 'rx-gro-hw'),
  'feature.large-receive-offload': feature('LargeReceiveOffload', 'lro'),
  'feature.generic-segmentation-offload': feature('GenericSegmentationOffload', 'gso'),
  'feature.tcp-segmentation-offload': feature('TCPSegmentationOffload', 'tso'),
  'feature.ntuple-filters': feature('NTupleFilter', 'ntuple'),
  'feature.receive-hashing': feature(undefined, 'rxhash'),
  'feature.rx-checksumming': feature('ReceiveChecksumOffload', 'rx'),
  'feature.tx-checksumming': feature('TransmitChecksumOffload', 'tx'),
  'feature.scatter-gather': feature(undefined, 'sg'),
  'pause.rx': pause('RxFlowControl', 'rx'),
  'pause.tx': pause('TxFlowControl', 'tx'),
  'pause.autonegotiate': pause('AutoNegotiationFlowControl', 'autonegotiate', 'autoneg'),
  mtu: {link: 'MTUBytes'},
  txqueuelen: {link: 'TransmitQueueLength'},
};
