/** Two files of 2 kB, as a server's configuration is. */
export const RECIPE_FILES: ReadonlyMap<string, string> = new Map(
  ['upstreams', 'limits'].map((name) => [
    `/etc/bench/${name}.conf`,
    Array.from({length: 50}, (_, line) => `${name}_${String(line)} 198.51.100.${String(line)}:8080;\n`).join(''),
  ]),
);
