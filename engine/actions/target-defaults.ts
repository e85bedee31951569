import type {AnsibleConfiguration} from '../effects/inventory/ansible-cfg.ts';
import {readText} from '../effects/inventory/read-text.ts';
import {askSecret} from '../effects/terminal.ts';
import type {TargetDefaults} from '../inventory/connection-variables.ts';
import {splitWords} from '../inventory/words.ts';
import {Fault} from '../model/fault.ts';
import {Secret} from '../model/secret.ts';
import type {Target} from '../model/target.ts';
import type {HostChoice} from './host-choice.ts';

const CONNECT_TIMEOUT_SECONDS = 10;

const becomePassword = async (choice: HostChoice, signal: AbortSignal): Promise<Secret | undefined> => {
  if (choice.becomePasswordFile !== undefined)
    return new Secret((await readText(choice.becomePasswordFile, [])).replace(/\r?\n$/, ''));
  return choice.askBecomePass ? askSecret('sudo password', signal) : undefined;
};

const sshWords = (text: string): readonly string[] => {
  const split = splitWords(text, false);
  if ('words' in split) return split.words;
  throw new Fault({
    code: 'usage',
    owner: 'user',
    message: `--ssh-common-args cannot be split into words: ${split.broken}`,
  });
};

/** How hosts are reached where their own variables say nothing: the options, else ansible.cfg. */
export const defaultsOf = async (
  choice: HostChoice,
  configuration: AnsibleConfiguration,
  signal: AbortSignal,
): Promise<TargetDefaults> => {
  const user = choice.user ?? configuration.remoteUser;
  const identityFile = choice.privateKey ?? configuration.privateKeyFile;
  const password = await becomePassword(choice, signal);
  const becomeUser = choice.becomeUser ?? configuration.becomeUser;
  return {
    connectTimeoutSeconds: choice.timeout ?? configuration.timeout ?? CONNECT_TIMEOUT_SECONDS,
    ...(user === undefined ? {} : {user}),
    ...(configuration.remotePort === undefined ? {} : {port: configuration.remotePort}),
    ...(identityFile === undefined ? {} : {identityFile}),
    sshArgs: [
      ...(configuration.hostKeyChecking === false ? ['-o', 'StrictHostKeyChecking=no'] : []),
      ...(configuration.sshArgs ?? []),
    ],
    sshCommonArgs:
      choice.sshCommonArgs === undefined ? (configuration.sshCommonArgs ?? []) : sshWords(choice.sshCommonArgs),
    sshExtraArgs: configuration.sshExtraArgs ?? [],
    become: choice.become ?? configuration.become ?? false,
    ...(becomeUser === undefined ? {} : {becomeUser}),
    ...(password === undefined ? {} : {becomePassword: password}),
  };
};

/** This machine has no inventory variables: `-b` and its kin hold for it as they are. */
export const becoming = (target: Target, defaults: TargetDefaults): Target =>
  target.via !== 'local' || !defaults.become
    ? target
    : {
        ...target,
        become: {
          user: defaults.becomeUser ?? 'root',
          method: 'sudo',
          ...(defaults.becomePassword === undefined ? {} : {password: defaults.becomePassword}),
        },
      };
