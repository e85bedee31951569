import type {Finding, Setting} from '../../model/setting.ts';
import {isBelow} from '../../resources/values.ts';
import type {Findable} from './findable.ts';

const lowered = ({id, live, want, from}: Setting): readonly Finding[] => {
  if (from.layer !== 'inventory' || typeof live !== 'object' || !('value' in live) || !isBelow(want, live.value))
    return [];
  return [
    {
      code: 'lowers-ceiling',
      grade: 'harmful',
      about: id,
      message: `${from.at} lowers it from ${live.value} to ${want}, and it is a ceiling: nothing is won by lowering it`,
      hint: 'write {atLeast: VALUE} to raise it only where it is lower',
    },
  ];
};

/** Values asked for outright that lower what sheets only ever raise. */
export const ceilingFindings = ({settings, floors}: Findable): readonly Finding[] =>
  settings.filter(({id}) => floors.has(id)).flatMap(lowered);
