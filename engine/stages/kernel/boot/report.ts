/** What a booted kernel said of itself, before anybody judges it. */
export type BootReport = {
  firmware: string;
  /** `uname -r`. */
  release: string;
  /** `uname -v`. */
  version: string;
  /** From the kernel's first instruction to its first process. */
  seconds: number;
  realtime: boolean;
  /** Whether it carries BPF type information. */
  btf: boolean;
  /** Of its configuration's lines `CONFIG_…`, sorted; absent where it does not carry them (IKCONFIG_PROC). */
  configDigest?: string;
  /** Modules that it could not load, with its reason. */
  modulesRefused: readonly string[];
  /** By their drivers; whether the other end of each answered it. */
  nics: readonly {driver: string; answers: boolean; queues: number}[];
  /** `nvme`, `vda`; whether a file on it could be read. */
  disks: readonly {name: string; readable: boolean}[];
  /** Warnings and faults of its own that it logged. */
  complaints: readonly string[];
  /** Whether it came to the end; otherwise it died on the way. */
  whole: boolean;
};

type Words = readonly string[];

const spoken = (text: string): ReadonlyMap<string, readonly Words[]> => {
  const all = new Map<string, Words[]>();
  for (const line of text.split('\n')) {
    const [key = '', ...words] = line.trim().split(' ');
    if (key === '') continue;
    const before = all.get(key);
    if (before === undefined) all.set(key, [words]);
    else before.push(words);
  }
  return all;
};

/** Reads what `templates/kernel-boot/init.sh` says: a line `KEY WORDS` each, in any order. */
export const parseBootReport = (text: string): BootReport => {
  const said = spoken(text);
  const lines = (key: string): readonly string[] => (said.get(key) ?? []).map((words) => words.join(' '));
  const one = (key: string): string => lines(key)[0] ?? '';
  const config = one('config');
  return {
    firmware: one('firmware'),
    release: one('release'),
    version: one('version'),
    seconds: Number(one('init-seconds')),
    realtime: one('realtime') === '1',
    btf: one('btf') === 'yes',
    ...(/^[0-9a-f]{64}$/.test(config) ? {configDigest: config} : {}),
    modulesRefused: lines('module-failed'),
    nics: (said.get('nic') ?? []).map(([driver = '', answer, queues]) => ({
      driver,
      answers: answer === 'answers',
      queues: Number(queues),
    })),
    disks: (said.get('disk') ?? []).map(([name = '', content]) => ({name, readable: content === 'readable'})),
    complaints: lines('complaint'),
    whole: said.has('end'),
  };
};
