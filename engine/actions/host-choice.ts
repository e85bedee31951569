/** How the command line chooses hosts and reaches them. */
export type HostChoice = {
  inventory?: readonly string[];
  limit?: readonly string[];
  user?: string;
  become?: boolean;
  becomeUser?: string;
  askBecomePass?: boolean;
  becomePasswordFile?: string;
  privateKey?: string;
  sshCommonArgs?: string;
  timeout?: number;
  extraVars?: readonly string[];
  vaultPasswordFile?: readonly string[];
  root?: string;
  recording?: readonly string[];
  workload?: string;
  /** A recipe's name or path, for all hosts. */
  recipe?: string;
  /** Programs that linerate takes settings over from. */
  takeOver?: readonly string[];
  /** Parameters for it, `name=value`; they take the place of the inventory's of the same name. */
  parameter?: readonly string[];
  /** Only these phases of recipes. */
  tags?: readonly string[];
};
