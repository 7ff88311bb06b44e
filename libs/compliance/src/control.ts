import { LetopisError } from '@letopis/kernel';
import { type Duration } from './calendar';
import { type ControlHeading } from './declared-controls';
import { type Rule } from './rules';

/** Durations by the names of parameters. */
export type Parameters = Readonly<Record<string, Duration>>;

/** A duty of the regulation, and the rules that show whether it is kept. */
export interface Control extends ControlHeading {
  /** Grows whenever its marks or judgements change, so that a report says by what it was made. */
  readonly version: number;
  /** What holds where the organisation has not decided otherwise. */
  readonly parameters: Parameters;
  readonly rules: readonly Rule[];
}

/** Declares a control. Rules can name its own parameters only. */
export function control<Parameter extends string>(
  declaration: Omit<Control, 'parameters' | 'rules'> & {
    readonly parameters: Readonly<Record<Parameter, Duration>>;
    readonly rules: readonly Rule<NoInfer<Parameter>>[];
  },
): Control {
  return declaration;
}

/**
 * The control's parameters where the organisation has decided on some of them.
 *
 * @throws LetopisError `invalid` where a decision names no parameter of the control
 */
export function parametersInForce({ id, parameters }: Control, decided: Parameters = {}): Parameters {
  const unknown = Object.keys(decided).filter((name) => !Object.hasOwn(parameters, name));
  if (unknown.length > 0) {
    throw new LetopisError('invalid', `Control ${id} has no parameter ${unknown.join(', ')}`);
  }
  return { ...parameters, ...decided };
}
