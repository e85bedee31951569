import type {Step} from '../../../engine/model/change.ts';
import type {StepHost} from './host.ts';

const LIVE = '/run/systemd/system/irqbalance.service.d/linerate.env';

const setLiveArguments = (host: StepHost, text: string | undefined): void => {
  const found = text === undefined ? undefined : /^IRQBALANCE_ARGS="([^"]*)"$/m.exec(text)?.[1];
  const {liveArguments: _before, ...rest} = host.facts.services.irqbalance ?? {};
  const next = found === undefined ? rest : {...rest, liveArguments: found};
  if (Object.keys(next).length > 0) host.facts.services.irqbalance = next;
  else delete host.facts.services.irqbalance;
};

const serve = (host: StepHost, name: string, active: boolean): void => {
  const service = host.facts.services.services.find((one) => `${one.name}.service` === name || one.name === name);
  if (!service) throw new Error(`no service ${name}`);
  service.active = active;
};

const run = (host: StepHost, argv: readonly string[]): void => {
  const [program, first = '', second = ''] = argv;
  const {facts} = host;
  if (program === '/bin/sh' && second.startsWith('systemctl stop')) {
    serve(host, argv[4] ?? '', false);
    return;
  }
  // A check of what the step before has done.
  if (program === '/bin/sh' && second.includes('is-active')) return;
  if (program === 'systemctl' && (first === 'start' || first === 'stop')) serve(host, second, first === 'start');
  else if (program === 'service') serve(host, first, second === 'start');
  else if (program === 'mount')
    facts.mounts.push({device: argv[3] ?? '', path: argv[4] ?? '', type: second, options: 'rw'});
  else if (program === 'umount')
    facts.mounts.splice(
      facts.mounts.findLastIndex(({path}) => path === first),
      1,
    );
  else if (program === 'modprobe' && first === '-r') {
    facts.modules.loaded = facts.modules.loaded.filter((name) => name !== second);
    delete facts.modules.parameters[second];
  } else if (program === 'modprobe') {
    const options = argv.slice(2).map((word) => word.split('=') as [string, string]);
    if (!facts.modules.loaded.includes(first)) facts.modules.loaded.push(first);
    facts.modules.parameters[first] = Object.fromEntries(options);
  } else if (
    !['mkdir -p', 'systemctl daemon-reload', 'systemctl try-restart'].includes(`${String(program)} ${first}`)
  ) {
    throw new Error(`no program ${argv.join(' ')}`);
  }
};

/** Programs other than ethtool, and files that are put or removed. */
export const runProgram = (host: StepHost, step: Step): void => {
  if (step.do === 'run') run(host, step.argv);
  else if (step.do === 'put' && step.path === LIVE) setLiveArguments(host, step.text);
  else if (step.do === 'remove' && step.path === LIVE) setLiveArguments(host, undefined);
  else if (!('path' in step && step.path === LIVE.replace('.env', '.conf'))) throw new Error(`no step ${step.do}`);
};
