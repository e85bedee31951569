import type {BootConfiguration, KernelModules, Power} from './boot.ts';
import type {Cpu} from './cpu.ts';
import type {DriverBinding} from './driver-bindings.ts';
import type {Evidence} from './evidence.ts';
import type {Network} from './network.ts';
import type {Nic} from './nic.ts';
import type {Numa} from './numa.ts';
import type {Os, Platform} from './os.ts';
import type {Limits, Mount, Services} from './services.ts';
import type {Sysctls} from './sysctls.ts';

/** All that one probe tells of a host: plain JSON, the planner's only input beside sheets and variables. */
export type Facts = {
  os: Os;
  platform: Platform;
  cpu: Cpu;
  numa: Numa;
  nics: readonly Nic[];
  bindings: readonly DriverBinding[];
  network: Network;
  sysctls: Sysctls;
  boot: BootConfiguration;
  modules: KernelModules;
  power: Power;
  services: Services;
  limits: Limits;
  mounts: readonly Mount[];
  evidence: Evidence;
};
